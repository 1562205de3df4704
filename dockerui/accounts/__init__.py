"""People: accounts, login sessions, the first set-up."""
