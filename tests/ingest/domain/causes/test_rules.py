from ingest.domain.causes.rules import RULES
from ingest.domain.words import Cause


def test_the_rules_are_tried_in_the_order_of_the_causes() -> None:
    # A socket without a boot never reaches the rules, so that its cause has none.
    assert [rule.__name__ for rule in RULES] == [
        str(cause) for cause in Cause if cause is not Cause.UNATTRIBUTED
    ]
