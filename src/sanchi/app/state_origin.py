"""Assemble origin statements of a month: one for each buyer that claimed something.

Enter: what the store knows of claims, the rules of eligibility. Leave: OriginStatements. Not here: words and layout.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np

from sanchi.app.origin_records import ClaimedMonth, OriginReader, SiteSlots
from sanchi.app.origin_rules import ClaimFacts, OriginRules, PlantFacts
from sanchi.app.origin_statement import (
    DistrictLine,
    GainedLine,
    GradeLine,
    MatchedUse,
    OriginStatement,
    PlantLine,
    SerialLine,
)
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import CertificateId, MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.slots import EPOCH_DATE
from sanchi.core.reports.claimed_rows import ClaimedRows
from sanchi.core.reports.hour_matching import PeriodMatch, match_slots, period_match


def origin_statements(
    reader: OriginReader, market_id: MarketId, month: Month, buyer_id: PartyId | None, rules: OriginRules
) -> Iterator[OriginStatement]:
    """Assemble the statements of a month, of one buyer or of all, in the order of beneficiaries.

    Raises: UnknownRecord, also where nothing was claimed.
    """
    claimed = reader.claimed_months(market_id, month, buyer_id)
    if not claimed:
        whose = "anybody" if buyer_id is None else f"buyer {buyer_id}"
        raise UnknownRecord(
            f"Nothing was claimed by {whose} for {month}.",
            hint=f"Statements stand on the claims that a month's close makes: sanchi close-month {month}",
        )
    for each in claimed:
        yield stated(each, rules)


def stated(claimed: ClaimedMonth, rules: OriginRules) -> OriginStatement:
    """Lay one buyer's claims out as its statement; every sum is checked against the claims."""
    rows, month = claimed.rows, claimed.month
    in_month = rows.between(month.first_date, month.last_date)
    plants = _plants(claimed, rules)
    use = _use(claimed.site, in_month, month)
    statement = OriginStatement(
        issuer=claimed.issuer,
        statement_no=claimed.statement_no,
        buyer=claimed.buyer,
        month=month,
        claims=claimed.claims,
        energy_wh=rows.total_wh,
        surplus_wh=rows.of_kind(CertificateKind.SURPLUS).total_wh,
        self_wh=rows.of_kind(CertificateKind.SELF_CONSUMPTION).total_wh,
        estimated_wh=rows.estimated().total_wh,
        from_storage_wh=_from_storage_wh(claimed),
        certificate_count=len(claimed.certificates),
        districts=_districts(claimed),
        plants=plants,
        grades=_grades(claimed),
        days=_days(month),
        matrix_wh=tuple(map(tuple, in_month.slot_matrix(month.first_date, month.last_date.day).tolist())),
        use=use,
        outside=claimed.outside,
        unclaimed_use_wh=None if use is None else _unclaimed_use_wh(use.loose, claimed),
        gained=_gained(claimed),
        lost=tuple(line for line in claimed.lost if line.claimed_month == month),
        lost_before=tuple(line for line in claimed.lost if line.claimed_month < month),
        passed_on=claimed.passed_on_wh,
        sentences=tuple(rules.wording(_facts(claimed, plants, use))),
        checkpoint=claimed.checkpoint,
        serials=_serials(claimed),
    )
    _check_sums(statement)
    return statement


def _check_sums(statement: OriginStatement) -> None:
    """Let no statement leave whose parts do not add up to its claims."""
    sums_wh = {
        "claims": sum(claim.energy_wh for claim in statement.claims),
        "kinds": statement.surplus_wh + statement.self_wh,
        "districts": sum(line.surplus_wh + line.self_wh for line in statement.districts),
        "plants": sum(line.surplus_wh + line.self_wh for line in statement.plants),
        "grades": sum(line.energy_wh for line in statement.grades),
        "serials": sum(line.energy_wh for line in statement.serials),
        "days": sum(map(sum, statement.matrix_wh)) + statement.gained_wh,
    }
    wrong = {name: energy_wh for name, energy_wh in sums_wh.items() if energy_wh != statement.energy_wh}
    assert not wrong, f"{statement.statement_no}: {statement.energy_wh} Wh of serials, but {wrong}"


def _days(month: Month) -> tuple[date, ...]:
    """List the dates of a month."""
    return tuple(month.first_date + timedelta(days=n) for n in range(month.last_date.day))


def _use(site: SiteSlots, in_month: ClaimedRows, month: Month) -> MatchedUse | None:
    """Hold the use of the month's days against what is claimed for them."""
    if not site.is_metered:
        return None
    n_days = month.last_date.day
    use_wh = np.zeros((n_days, site.use_wh.shape[1]), dtype=np.int64)
    use_wh[[(day - month.first_date).days for day in site.dates]] = site.use_wh
    received_wh = in_month.slot_matrix(month.first_date, n_days)
    estimated_wh = in_month.estimated().slot_matrix(month.first_date, n_days)
    loose, strict = (
        period_match(
            match_slots(use_wh=use_wh, received_wh=received_wh, estimated_wh=estimated_wh, is_strict=is_strict)
        )
        for is_strict in (False, True)
    )
    return MatchedUse(loose=loose, strict=strict)


def _unclaimed_use_wh(match: PeriodMatch, claimed: ClaimedMonth) -> int:
    """Give the use that neither roofs nor outside certificates covered by volume."""
    outside_wh = sum(line.energy_wh for line in claimed.outside)
    return max(0, match.use_wh - match.period_covered_wh - outside_wh)


def _from_storage_wh(claimed: ClaimedMonth) -> int:
    """Count what came out of home batteries."""
    return sum(
        energy_wh
        for (certificate_id,), energy_wh in claimed.rows.totals_by("certificate_id").items()
        if claimed.certificates[certificate_id].is_from_storage
    )


def _districts(claimed: ClaimedMonth) -> tuple[DistrictLine, ...]:
    """Sum up by district, largest first."""
    sums: dict[str, dict[tuple[int, int], int]] = {}
    for (home_no, kind_no), energy_wh in claimed.rows.totals_by("home_no", "kind_no").items():
        sums.setdefault(claimed.homes[home_no].district, {})[home_no, kind_no] = energy_wh
    lines = [
        DistrictLine(
            district=district,
            home_count=len({home_no for home_no, _kind_no in by_home}),
            surplus_wh=_of_kind_wh(by_home, CertificateKind.SURPLUS),
            self_wh=_of_kind_wh(by_home, CertificateKind.SELF_CONSUMPTION),
        )
        for district, by_home in sums.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.surplus_wh - line.self_wh, line.district)))


def _of_kind_wh(by_home: Mapping[tuple[int, int], int], kind: CertificateKind) -> int:
    """Add up the sums of a kind."""
    return sum(energy_wh for (_home_no, kind_no), energy_wh in by_home.items() if kind_no == kind)


def _plants(claimed: ClaimedMonth, rules: OriginRules) -> tuple[PlantLine, ...]:
    """Sum up by roof and how it was measured, in the order of homes."""
    sums_wh = claimed.rows.totals_by("certificate_id")
    estimated_wh = claimed.rows.estimated().totals_by("certificate_id")
    lines: dict[tuple[int, str, int], list[CertificateId]] = {}
    for each in claimed.certificates.values():
        key = each.home_no, each.measurement_grade, each.ct_class_permille
        lines.setdefault(key, []).append(each.certificate_id)
    plants = []
    for (home_no, grade, ct_class_permille), certificate_ids in sorted(lines.items()):
        first = claimed.certificates[certificate_ids[0]]
        kinds_wh = dict.fromkeys(CertificateKind, 0)
        for certificate_id in certificate_ids:
            kinds_wh[claimed.certificates[certificate_id].kind] += sums_wh[certificate_id,]
        facts = PlantFacts(
            home_id=claimed.homes[home_no].party_id,
            device_id=first.device_id,
            commissioning_date=first.commissioning_date,
            fit_end=first.fit_end,
            measurement_grade=grade,
            ct_class_permille=ct_class_permille,
            grid_area=claimed.issuer.grid_area,
            surplus_wh=kinds_wh[CertificateKind.SURPLUS],
            self_wh=kinds_wh[CertificateKind.SELF_CONSUMPTION],
        )
        plants.append(
            PlantLine(
                home=claimed.homes[home_no],
                device_id=first.device_id,
                capacity_w=claimed.capacity_w[home_no],
                commissioning_date=first.commissioning_date,
                fit_end=first.fit_end,
                measurement_grade=grade,
                ct_class_permille=ct_class_permille,
                certificate_count=len(certificate_ids),
                surplus_wh=facts.surplus_wh,
                self_wh=facts.self_wh,
                estimated_wh=sum(estimated_wh.get((certificate_id,), 0) for certificate_id in certificate_ids),
                eligible_until=rules.eligible_until(facts),
            )
        )
    return tuple(plants)


def _facts(claimed: ClaimedMonth, plants: tuple[PlantLine, ...], use: MatchedUse | None) -> ClaimFacts:
    """Give the rules what they have to know of the claims."""
    kinds_wh = {
        CertificateKind.SURPLUS: sum(line.surplus_wh for line in plants),
        CertificateKind.SELF_CONSUMPTION: sum(line.self_wh for line in plants),
    }
    return ClaimFacts(
        buyer_id=claimed.buyer.party_id,
        month=claimed.month,
        kinds=tuple(kind for kind, energy_wh in kinds_wh.items() if energy_wh),
        used_wh=0 if use is None else use.loose.use_wh,
        covered_wh=0 if use is None else use.loose.period_covered_wh,
        hour_matched_wh=0 if use is None else use.strict.slot_covered_wh,
        plants=tuple(
            PlantFacts(
                home_id=line.home.party_id,
                device_id=line.device_id,
                commissioning_date=line.commissioning_date,
                fit_end=line.fit_end,
                measurement_grade=line.measurement_grade,
                ct_class_permille=line.ct_class_permille,
                grid_area=claimed.issuer.grid_area,
                surplus_wh=line.surplus_wh,
                self_wh=line.self_wh,
            )
            for line in plants
        ),
    )


def _grades(claimed: ClaimedMonth) -> tuple[GradeLine, ...]:
    """Sum up by how the energy was measured, largest first."""
    sums_wh: dict[tuple[str, int], int] = {}
    for (certificate_id,), energy_wh in claimed.rows.totals_by("certificate_id").items():
        each = claimed.certificates[certificate_id]
        key = each.measurement_grade, each.ct_class_permille
        sums_wh[key] = sums_wh.get(key, 0) + energy_wh
    return tuple(
        GradeLine(measurement_grade=grade, ct_class_permille=ct_class_permille, energy_wh=energy_wh)
        for (grade, ct_class_permille), energy_wh in sorted(sums_wh.items(), key=lambda item: (-item[1], item[0]))
    )


def _gained(claimed: ClaimedMonth) -> tuple[GainedLine, ...]:
    """Sum up what is claimed of earlier delivery dates."""
    earlier = claimed.rows.before(claimed.month.first_date)
    return tuple(
        GainedLine(
            delivery_date=EPOCH_DATE + timedelta(days=day_no),
            home=claimed.homes[home_no],
            kind=CertificateKind(kind_no),
            energy_wh=energy_wh,
        )
        for (day_no, home_no, kind_no), energy_wh in earlier.totals_by("day_no", "home_no", "kind_no").items()
    )


def _serials(claimed: ClaimedMonth) -> tuple[SerialLine, ...]:
    """List every half hour's serials in the order of the rows."""
    rows = claimed.rows
    columns = (
        rows.day_no, rows.slot_no, rows.kind_no, rows.home_no, rows.certificate_id, rows.lo_wh, rows.hi_wh,
        rows.is_estimated, rows.claim_no,
    )  # fmt: skip
    return tuple(
        SerialLine(
            delivery_date=EPOCH_DATE + timedelta(days=day_no),
            slot_no=slot_no,
            kind=CertificateKind(kind_no),
            home=claimed.homes[home_no],
            certificate_id=CertificateId(certificate_id),
            lo_wh=lo_wh,
            hi_wh=hi_wh,
            is_estimated=is_estimated,
            claim_no=claim_no,
        )
        for day_no, slot_no, kind_no, home_no, certificate_id, lo_wh, hi_wh, is_estimated, claim_no in zip(
            *(column.tolist() for column in columns), strict=True
        )
    )
