"""What pages of every audience show of a declared text."""

# Keys of a text (declarations.texts) that are shown as facts, in the order of the form; "valid" stands for both days.
FIELDS = (
    "kind", "end_user", "other_end_users", "relationship", "contact", "on_the_way", "term", "contract", "goods", "shares", "value", "end_use",
    "samples_per_month", "place_of_use", "ship_to", "route", "delivery_proof", "documents", "valid", "unknown_facts",
)  # fmt: skip
