"""Origin statements as documents: every Wh once, the same bytes again, readable in both languages."""

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from hashlib import sha256
from importlib.resources import files

import jsonschema
import pytest

from sanchi.app.documents import DocumentFormat, Language, file_name_of
from sanchi.app.origin_records import CheckpointRef, OutsideLine
from sanchi.app.origin_rules import RuledDate, RuledSentence
from sanchi.app.origin_statement import OriginStatement
from sanchi.core.base.errors import SetupFault
from sanchi.core.reports.label_sentence import LABEL_SENTENCE_JA
from sanchi.edge.documents import statement_pdf
from sanchi.edge.documents.figures import exact_kwh_text
from sanchi.edge.documents.statement_words import WORDS
from sanchi.edge.documents.statements import StatementDocuments
from tests.edge.documents.pdf_text import font_names, page_texts, streams_of
from tests.edge.store.audit.closed_market import ClosedMarket

SCHEMA = json.loads((files("sanchi.edge.documents") / "schemas" / "origin_statement.schema.json").read_text())
CHECKPOINT = CheckpointRef(checkpoint_no=7, subject="close-month/2020-11", leaf_count=1_234, root="5e" * 32)
OUTSIDE = OutsideLine(
    lot_id="L1", scheme="NFC_FIT", serial_first="A-001", serial_last="A-020", lo_wh=0, hi_wh=4_000,
    generated_from=date(2020, 4, 1), generated_until=date(2020, 9, 30), energy_source="wind", plant_name="On the hill",
    municipality="Aomori", facility_id="F1", reference="order 5", purpose="RE100",
)  # fmt: skip
SENTENCE = RuledSentence(
    text_ja="この部分はRE100に適格です", text_en="This part is RE100-eligible", rule="RE100-15Y",
    rule_date=date(2025, 3, 24),
)  # fmt: skip


def written(statement: OriginStatement, file_format=DocumentFormat.JSON, language=Language.EN) -> bytes:
    return StatementDocuments().written(statement, file_format, language)


def document_of(statement: OriginStatement):
    return json.loads(written(statement))


def serials_of(statement: OriginStatement) -> list[dict[str, str]]:
    return list(csv.DictReader(written(statement, DocumentFormat.CSV).decode().splitlines()))


def text_of(pdf: bytes) -> str:
    return re.sub(r"\s", "", "".join(page_texts(pdf)))


def filled(statement: OriginStatement) -> OriginStatement:
    """Give a statement everything that may stand on one."""
    plant = replace(
        statement.plants[0],
        eligible_until=RuledDate(until=date(2025, 6, 1), rule="RE100-15Y", rule_date=date(2025, 3, 24)),
    )
    return replace(
        statement,
        plants=(plant, *statement.plants[1:]),
        outside=(OUTSIDE,),
        sentences=(SENTENCE,),
        checkpoint=CHECKPOINT,
    )


@pytest.fixture
def corrected(statements: list[OriginStatement]) -> OriginStatement:
    """Give the statement that a correction took watt-hours from."""
    return next(statement for statement in statements if statement.lost)


class TestStatement:
    def test_with_open_debts_adds_up_to_the_allocations(self, market: ClosedMarket, statements):
        stores = market.installation.stores
        finalised = [date(2020, 11, 29), date(2020, 11, 30)]
        allocated_wh = Counter[int]()
        for day in finalised:
            outcome = stores.days.outcome(statements[0].issuer.market_id, day)
            assert outcome is not None
            rows = outcome.allocated
            for holder_no, choice_no, energy_wh in zip(
                rows.holder_no.tolist(), rows.choice_no.tolist(), rows.energy_wh.tolist(), strict=True
            ):
                allocated_wh[holder_no] += energy_wh * (choice_no > 0)

        stated_wh = {each.buyer.party_no: each.energy_wh - each.lost_wh for each in statements}

        assert stated_wh == {holder_no: wh for holder_no, wh in allocated_wh.items() if wh}
        assert sum(each.lost_wh for each in statements) > 0

    def test_has_a_matrix_that_adds_up_to_its_claims(self, statements):
        for statement in statements:
            assert sum(map(sum, statement.matrix_wh)) + statement.gained_wh == statement.energy_wh
            assert sum(claim.energy_wh for claim in statement.claims) == statement.energy_wh

    def test_holds_use_against_the_same_half_hours(self, statements):
        for statement in statements:
            assert statement.use is not None
            for match in (statement.use.loose, statement.use.strict):
                assert match.slot_covered_wh + match.uncovered_wh == match.use_wh
                assert match.slot_covered_wh <= match.hour_covered_wh <= match.period_covered_wh <= match.use_wh

    def test_is_numbered_in_the_order_of_beneficiaries(self, statements):
        assert [(each.statement_no, each.buyer.party_id) for each in statements] == [
            ("small/2020-11/origin/000001", "shop"),
            ("small/2020-11/origin/000002", "tower"),
            ("small/2020-11/origin/000003", "builder"),
        ]

    def test_says_what_was_passed_on(self, statements):
        passed = {each.buyer.party_id: [tenant.party_id for tenant, _wh in each.passed_on] for each in statements}

        assert passed == {"shop": ["tower"], "tower": [], "builder": []}


class TestCsv:
    def test_lists_every_watt_hour_once(self, statements):
        for statement in statements:
            rows = serials_of(statement)
            assert sum(int(row["energy_wh"]) for row in rows) == statement.energy_wh
            serials = [
                (row["certificate_id"], wh) for row in rows for wh in range(int(row["lo_wh"]), int(row["hi_wh"]))
            ]
            assert len(serials) == len(set(serials)) == statement.energy_wh

    def test_tells_half_hours_in_japan_standard_time(self, statements):
        row = serials_of(statements[0])[0]

        assert row["slot_start"].endswith("+09:00")
        assert row["slot_start"].startswith(row["delivery_date"])


class TestJson:
    def test_keeps_its_schema(self, statements):
        validator = jsonschema.Draft202012Validator(SCHEMA)
        for statement in (*statements, filled(statements[0]), replace(statements[1], use=None, unclaimed_use_wh=None)):
            validator.validate(document_of(statement))

    def test_schema_notices_a_missing_figure(self, statements):
        document = document_of(statements[0])
        del document["energy_wh"]

        with pytest.raises(jsonschema.ValidationError, match="energy_wh"):
            jsonschema.Draft202012Validator(SCHEMA).validate(document)

    def test_binds_the_csv(self, statements):
        digest = sha256(written(statements[0], DocumentFormat.CSV)).hexdigest()

        assert document_of(statements[0])["serials_sha256"] == digest

    def test_keeps_outside_certificates_apart_from_roofs(self, statements):
        plain, topped_up = document_of(statements[0]), document_of(replace(statements[0], outside=(OUTSIDE,)))

        assert topped_up["outside"]["energy_wh"] == 4_000
        assert topped_up["energy_wh"] == plain["energy_wh"]
        assert topped_up["slot_matrix"] == plain["slot_matrix"]


class TestPdf:
    @pytest.mark.parametrize("language", Language)
    def test_shows_the_numbers(self, corrected: OriginStatement, language: Language):
        statement = filled(corrected)
        document = document_of(statement)
        assert statement.use is not None
        assert statement.unclaimed_use_wh is not None

        text = text_of(written(statement, DocumentFormat.PDF, language))

        for energy_wh in (
            statement.energy_wh,
            -statement.lost_wh,
            statement.unclaimed_use_wh,
            statement.outside_wh,
            statement.use.loose.slot_covered_wh,
            *(line.surplus_wh + line.self_wh for line in statement.districts),
        ):
            assert exact_kwh_text(energy_wh) in text
        for shown in (
            statement.statement_no, document["serials_sha256"], CHECKPOINT.root, "2025-06-01", "A-001–A-020", "NFC_FIT",
            *(line.home.party_id for line in statement.plants), LABEL_SENTENCE_JA,
        ):  # fmt: skip
            assert shown in text

    @pytest.mark.parametrize("language", Language)
    def test_says_the_required_sentence_and_the_ruled_one(self, statements, language: Language):
        text = text_of(written(filled(statements[0]), DocumentFormat.PDF, language))
        ruled = SENTENCE.text_ja if language is Language.JA else SENTENCE.text_en

        assert LABEL_SENTENCE_JA in text
        assert re.sub(r"\s", "", ruled) in text

    def test_says_that_nothing_was_judged_where_there_are_no_rules(self, statements):
        text = text_of(written(statements[0], DocumentFormat.PDF))

        assert re.sub(r"\s", "", WORDS[Language.EN]["rules_none"]) in text
        assert "notjudged" in text

    def test_without_a_meter_of_use_gives_no_share(self, statements):
        text = text_of(written(replace(statements[0], use=None, unclaimed_use_wh=None), DocumentFormat.PDF))

        assert re.sub(r"\s", "", WORDS[Language.EN]["no_meter"]) in text

    def test_takes_its_fonts_from_the_package_alone(self, statements):
        for language in Language:
            pdf = written(statements[0], DocumentFormat.PDF, language)
            assert font_names(pdf) == {"NotoSansJP-Regular", "NotoSansJP-Bold"}

    def test_without_its_fonts_is_refused_by_name(self, statements, monkeypatch, tmp_path):
        monkeypatch.setattr(statement_pdf, "FONTS", tmp_path)

        with pytest.raises(SetupFault, match=r"NotoSansJP_400Regular\.ttf"):
            written(statements[0], DocumentFormat.PDF)

    def test_carries_its_figures_as_a_file(self, statements):
        attached = streams_of(written(statements[0], DocumentFormat.PDF)).values()

        assert written(statements[0], DocumentFormat.JSON) in attached

    def test_repeats_the_head_of_a_table_that_goes_over_pages(self, statements):
        statement = statements[0]
        many = replace(statement, plants=statement.plants * 20)

        pages = [re.sub(r"\s", "", page) for page in page_texts(written(many, DocumentFormat.PDF))]
        head = re.sub(r"\s", "", WORDS[Language.EN]["fit_end"])

        assert sum(head in page for page in pages) >= 3
        assert f"Page{len(pages)}of{len(pages)}" in pages[-1]


class TestBytes:
    @pytest.mark.parametrize("file_format", DocumentFormat)
    @pytest.mark.parametrize("language", Language)
    def test_are_the_same_again(self, corrected, file_format: DocumentFormat, language: Language):
        statement = filled(corrected)

        assert written(statement, file_format, language) == written(statement, file_format, language)


class TestWords:
    def test_are_there_in_both_languages(self):
        assert set(WORDS[Language.EN]) == set(WORDS[Language.JA])
        for name, text in WORDS[Language.EN].items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", WORDS[Language.JA][name])), name


class TestFileName:
    def test_has_no_slash_and_names_the_language_of_a_pdf(self, statements):
        names = [file_name_of(statements[0], each, Language.JA) for each in DocumentFormat]

        assert names == [
            "small-2020-11-origin-000001.ja.pdf",
            "small-2020-11-origin-000001.json",
            "small-2020-11-origin-000001.csv",
        ]
