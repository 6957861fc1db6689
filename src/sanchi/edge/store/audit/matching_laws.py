"""Laws of matching: all that is offered goes somewhere, to who was asked, at the agreed price and within limits.

Enter: slot_energy, allocations, closing_times, buyer_use, offer, choice, plant, debt. Not here: certificates, money.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# What a correction of a finalised day made a debt stays with its buyer and goes on filling its capacity.
_TAKEN: Final = """
    taken AS (
        SELECT delivery_date, slot_no, kind_no, holder_no AS buyer_no, sum(energy_wh)::HUGEINT AS taken_wh
        FROM (SELECT delivery_date, slot_no, kind_no, holder_no, energy_wh FROM allocations WHERE choice_no > 0
              UNION ALL SELECT delivery_date, slot_no, kind_no, holder_no, debt_wh FROM debt)
        GROUP BY ALL)
"""
_OFFERS: Final = """
    terms AS (
        SELECT delivery_date, buyer_no, kind_no, home_price_sen_per_kwh, buyer_price_sen_per_kwh, capacity_rule,
               cap_wh_per_slot
        FROM market_day JOIN offer
        ON delivery_date >= valid_from AND delivery_date < coalesce(valid_until, DATE 'infinity'))
"""

MATCHING_LAWS: Final = (
    Law(
        law="OFFERED_SPLIT",
        title="offered - withheld = allocated + standard offer or kept, per home, slot and kind",
        sentence="home {home_no} {delivery_date} slot {slot_no} {kind_no}: {offered_wh} Wh to give, {given_wh} given",
        cases_sql="""
            WITH offered AS (
                SELECT delivery_date, party_no AS home_no, slot_no, 1 AS kind_no,
                       surplus_offered_wh - surplus_withheld_wh AS offered_wh FROM slot_energy
                UNION ALL
                SELECT delivery_date, party_no, slot_no, 2, self_offered_wh - self_withheld_wh FROM slot_energy),
            given AS (SELECT delivery_date, home_no, slot_no, kind_no, sum(energy_wh) AS given_wh,
                             min(energy_wh) AS smallest_wh FROM allocations GROUP BY ALL)
            SELECT delivery_date, home_no, slot_no, kind_no, offered_wh, coalesce(given_wh, 0) AS given_wh,
                   offered_wh = coalesce(given_wh, 0) AND coalesce(smallest_wh, 1) > 0 AS holds
            FROM offered FULL JOIN given USING (delivery_date, home_no, slot_no, kind_no)
        """,
    ),
    Law(
        law="CAPACITY",
        title="no buyer above its published capacity, per slot and kind",
        sentence="buyer {buyer_no} {delivery_date} slot {slot_no} {kind_no}: {taken_wh} Wh of {capacity_wh} Wh",
        cases_sql=f"""
            WITH {_TAKEN},
            published AS (SELECT delivery_date, slot_no, kind_no, buyer_no, capacity_wh FROM closing_times)
            SELECT delivery_date, slot_no, kind_no, buyer_no, coalesce(taken_wh, 0) AS taken_wh, capacity_wh,
                   coalesce(taken_wh, 0) <= capacity_wh AS holds
            FROM taken FULL JOIN published USING (delivery_date, slot_no, kind_no, buyer_no)
        """,
    ),
    Law(
        law="AGREED_LIMITS",
        title="no buyer above its metered use or agreed cap, per slot",
        sentence="buyer {buyer_no} {delivery_date} slot {slot_no} {kind_no}: {taken_wh} Wh, cap {cap_wh_per_slot}; "
        "{following_wh} Wh of all kinds against {use_wh} Wh used",
        cases_sql=f"""
            WITH {_TAKEN}, {_OFFERS},
            followed AS (
                SELECT *, sum(taken_wh) FILTER (capacity_rule = 'metered_use')
                              OVER (PARTITION BY delivery_date, slot_no, buyer_no) AS following_wh
                FROM taken LEFT JOIN terms USING (delivery_date, buyer_no, kind_no)),
            used AS (SELECT delivery_date, slot_no, party_no AS buyer_no, use_wh FROM buyer_use)
            SELECT delivery_date, slot_no, kind_no, buyer_no, taken_wh, cap_wh_per_slot, following_wh, use_wh,
                   capacity_rule IS NOT NULL AND taken_wh <= coalesce(cap_wh_per_slot, taken_wh)
                   AND coalesce(following_wh, 0) <= coalesce(use_wh, 0) AS holds
            FROM followed LEFT JOIN used USING (delivery_date, slot_no, buyer_no)
        """,
    ),
    Law(
        law="CHOSEN",
        title="energy goes to buyers on the home's list and the rest to its owner, at the prices in force",
        sentence="home {home_no} {delivery_date} {kind_no} to {holder_no} as choice {choice_no}: home's price "
        "{home_price_sen_per_kwh} and buyer's price {buyer_price_sen_per_kwh} sen/kWh, agreed {agreed_home_price} and "
        "{agreed_buyer_price}",
        cases_sql=f"""
            WITH {_OFFERS},
            dated AS (
                SELECT delivery_date, home_no, kind_no, buyer_no, valid_from,
                       max(valid_from) OVER (PARTITION BY delivery_date, home_no, kind_no) AS latest_from
                FROM market_day JOIN choice ON valid_from <= delivery_date),
            chosen AS (SELECT delivery_date, home_no, kind_no, buyer_no FROM dated WHERE valid_from = latest_from),
            agreed AS (
                SELECT delivery_date, home_no, kind_no, buyer_no AS holder_no, true AS is_bought,
                       home_price_sen_per_kwh AS agreed_home_price, buyer_price_sen_per_kwh AS agreed_buyer_price
                FROM chosen JOIN terms USING (delivery_date, buyer_no, kind_no)
                UNION ALL
                SELECT delivery_date, home_no, 1, purchaser_no, false, standard_price_sen_per_kwh, 0
                FROM market_day CROSS JOIN plant
                UNION ALL
                SELECT delivery_date, home_no, 2, value_owner_no, false, 0, 0 FROM market_day CROSS JOIN plant),
            given AS (
                SELECT DISTINCT delivery_date, home_no, kind_no, choice_no, holder_no, choice_no > 0 AS is_bought,
                       home_price_sen_per_kwh, buyer_price_sen_per_kwh
                FROM allocations)
            SELECT given.*, agreed_home_price, agreed_buyer_price,
                   home_price_sen_per_kwh = agreed_home_price AND buyer_price_sen_per_kwh = agreed_buyer_price AS holds
            FROM given LEFT JOIN agreed USING (delivery_date, home_no, kind_no, holder_no, is_bought)
        """,
    ),
)
