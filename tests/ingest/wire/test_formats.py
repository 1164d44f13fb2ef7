"""From a body and its headers to a batch: every format in every encoding means the same."""

import pytest

from ingest.wire.batch import Refused
from ingest.wire.body import Form, Format
from ingest.wire.compression import ENCODINGS
from ingest.wire.formats import DECODERS, decode
from ingest.wire.native import decode as decode_json
from tests.ingest.batches import document, race
from tests.ingest.wire.forms import COMPRESS, WRITERS, as_json

SENT = document(race())


def test_every_format_has_its_decoder() -> None:
    assert set(DECODERS) == set(Format)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("format_", Format)
def test_the_same_batch_is_the_same_however_it_is_written(format_: Format, encoding: str) -> None:
    content = WRITERS[format_](SENT)
    received = COMPRESS[encoding](content) if encoding in COMPRESS else content

    decoded, inside = decode(received, Form(format=format_, encoding=encoding))

    assert (decoded, inside) == (decode_json(as_json(SENT)), content)


@pytest.mark.parametrize("format_", Format)
def test_one_format_is_not_taken_for_the_other(format_: Format) -> None:
    (other,) = set(Format) - {format_}
    with pytest.raises(Refused) as caught:
        decode(WRITERS[other](SENT), Form(format=format_, encoding="identity"))
    assert caught.value.status == (400 if format_ is Format.JSON else 422)
