"""The demo: theory against experiment for the (1+1) EA, as a table, a picture and a page."""
