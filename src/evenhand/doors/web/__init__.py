"""The public site and the console (Django): reads through `views`, writes nothing but its own accounts."""
