"""Names that are no UTF-8 reach every record, readable and reversible by eye."""

import msgspec

from devteam_action.domain.findings import CriterionResult, Finding
from devteam_action.domain.results import Implemented
from devteam_action.support.encodable import encodable

ODD = b"caf\xe9.py".decode(errors="surrogateescape")


def test_a_struct_that_can_be_encoded_is_not_touched():
    plain = Implemented(ok=True, files_modified=("café.py",))
    assert encodable(plain) is plain


def test_undecodable_bytes_are_written_out_wherever_they_are():
    finding = Finding(tool="t", rule="r", message="m", path=ODD)
    row = CriterionResult(criterion="c", passed=True, actual="", required="", findings=(finding,))
    mended = encodable(row)
    assert mended.findings[0].path == "caf\\xe9.py"
    assert msgspec.json.decode(msgspec.json.encode(mended), type=CriterionResult) == mended
