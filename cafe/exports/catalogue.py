"""The language of the exports' fixed sentences, and how these are translated: not yet, so they come back as given."""

from gettext import NullTranslations
from typing import Final

LANGUAGE: Final = "en-GB"
_SOURCE = NullTranslations()
_ = _SOURCE.gettext
ngettext = _SOURCE.ngettext
