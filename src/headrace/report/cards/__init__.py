"""The cards of the report, one file a card; each is shown by the template of its name."""
