"""What pages are made of: pictures as pure functions of values and language, and pieces of page that draw them."""
