"""What the tests take from playwright, kept importable where playwright is not installed: they skip by themselves."""

try:
    from playwright.sync_api import Error, expect

    expect.set_options(timeout=10_000)  # ms; five developers may share two processors
except ImportError:
    Error = expect = None
