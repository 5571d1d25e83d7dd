"""What each command does inside a session, a module per concern; never commits, never draws."""
