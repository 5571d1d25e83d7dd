"""How the exports' fixed sentences are translated: not yet, so these give back the English they are given."""

from gettext import NullTranslations

_SOURCE = NullTranslations()
_ = _SOURCE.gettext
ngettext = _SOURCE.ngettext
