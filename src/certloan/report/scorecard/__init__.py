"""The scorecard for people: what it says as values, and as a page, a workbook and a JSON file."""
