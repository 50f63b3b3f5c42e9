"""Figures: answers of the queries in, Plotly figures out. They draw; exact numbers stand in the tables of the page."""
