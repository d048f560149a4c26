"""Views: what pages and searches ask; typed rows and query ports. They write nothing."""
