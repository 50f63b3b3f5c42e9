"""The workbook of a review: one sheet a topic, real numbers, totals as live formulas, and a sheet that checks them."""
