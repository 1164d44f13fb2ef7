from tests.ingest.domain.builders import NO_CONTRACT, boot, good_start, ready


def test_the_side_of_the_gate_can_be_told_with_a_contract_or_a_claim() -> None:
    assert [boot(*good_start()).gate_known, boot().gate_known] == [True, True]
    assert [boot(contract=NO_CONTRACT).gate_known, boot(ready(1.0), contract=NO_CONTRACT).gate_known] == [
        False,
        True,
    ]
