"""Hold buyers' use against what they got, hour by hour, for a month or a year, with the CO2 of what is left.

Enter: what the store knows of sites, dates, factors. Leave: HourAccounts. Not here: statements (state_origin).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sanchi.app.origin_records import OriginReader, SiteSlots
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.months import Month
from sanchi.core.reports.co2_factors import EmissionFactor, Emissions, emissions_of
from sanchi.core.reports.hour_matching import PeriodMatch, SlotMatch, added, match_slots, months_match, period_match


class AccountScope(StrEnum):
    """Which watt-hours count as a site's."""

    FINAL = "final"  # what it is the final user of: each watt-hour counts at one site alone
    WHOLE = "whole"  # what an owner got, before passing on: never beside the accounts of its tenants


class FactorReader(Protocol):
    """Reads a file of emission factors."""

    def __call__(self, path: Path) -> tuple[EmissionFactor, ...]:
        """Read TOML or CSV by the file's name. Raises: UnreadableDelivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourAccount:
    """One site over some days: slot by slot, by month, and all of it.

    months_covered_wh : by volume, month by month; never above total.period_covered_wh.
    """

    site: SiteSlots
    scope: AccountScope
    is_strict: bool
    match: SlotMatch
    months: Mapping[Month, PeriodMatch]
    total: PeriodMatch
    emissions: Emissions

    @property
    def months_covered_wh(self) -> int:
        """Add up what each month covered by volume."""
        return sum(month.period_covered_wh for month in self.months.values())


def account_hours(
    reader: OriginReader,
    market_id: MarketId,
    *,
    first_date: date,
    last_date: date,
    buyer_ids: Sequence[PartyId] = (),
    company: str | None = None,
    is_strict: bool = False,
    factors: Sequence[EmissionFactor] = (),
) -> tuple[HourAccount, ...]:
    """Account for the named buyers, for the sites of a company, or for all buyers, in the order of buyers.

    A buyer that passes on has two accounts: as final user, and as a whole. Raises: UnknownRecord.
    """
    sites = reader.sites(market_id, first_date, last_date)
    chosen = _chosen(sites, buyer_ids, company)
    if not sites or not sites[0].dates:
        raise UnknownRecord(
            f"No day from {first_date} to {last_date} is closed.",
            hint=f"Close them first: sanchi close-day {first_date}",
        )
    return tuple(
        _account(site, scope, factors, is_strict=is_strict)
        for site in chosen
        for scope in AccountScope
        if scope is AccountScope.FINAL or site.passed_on_wh.any()
    )


def total_of(accounts: Sequence[HourAccount]) -> PeriodMatch:
    """Add up the sites as final users; one site's excess never covers another's use."""
    return added(account.total for account in accounts if account.scope is AccountScope.FINAL)


def _chosen(sites: Sequence[SiteSlots], buyer_ids: Sequence[PartyId], company: str | None) -> list[SiteSlots]:
    """Keep the sites that are asked for."""
    known = {site.buyer.party_id for site in sites}
    if unknown := [buyer_id for buyer_id in buyer_ids if buyer_id not in known]:
        raise UnknownRecord(
            f"There is no buyer {unknown[0]} in this market.", hint=f"Its buyers: {', '.join(sorted(known)) or 'none'}."
        )
    companies = sorted({site.buyer.company for site in sites if site.buyer.company})
    if company is not None and company not in companies:
        raise UnknownRecord(
            f"No buyer of this market belongs to {company!r}.", hint=f"Its companies: {', '.join(companies) or 'none'}."
        )
    return [
        site
        for site in sites
        if (not buyer_ids or site.buyer.party_id in buyer_ids) and company in {None, site.buyer.company}
    ]


def _account(
    site: SiteSlots, scope: AccountScope, factors: Sequence[EmissionFactor], *, is_strict: bool
) -> HourAccount:
    """Account for one site."""
    is_final = scope is AccountScope.FINAL
    match = match_slots(
        use_wh=site.use_wh,
        received_wh=site.received_wh if is_final else site.whole_wh,
        estimated_wh=site.estimated_wh if is_final else site.whole_estimated_wh,
        is_strict=is_strict,
    )
    uncovered_wh = dict(zip(site.dates, match.uncovered_wh.sum(axis=1).tolist(), strict=True))
    return HourAccount(
        site=site,
        scope=scope,
        is_strict=is_strict,
        match=match,
        months=months_match(site.dates, match),
        total=period_match(match),
        emissions=emissions_of(uncovered_wh if site.is_metered else {}, factors),
    )
