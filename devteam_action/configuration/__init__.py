"""`.devteam.yml`: read with the line of every value, checked, and explained when it is wrong."""
