"""Teams, and the people in them."""
