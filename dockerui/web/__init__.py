"""Pages: addresses, views, forms, errors. Views parse, call one service, render."""
