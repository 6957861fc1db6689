"""Laws of matching: all that is offered goes somewhere, to who was asked, at the agreed price and within limits.

Enter: slot_energy, allocations, closing_times, buyer_use, offers and what homes want, plant, debt. Not here: money.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# What a correction of a finalised day made a debt stays with its buyer and goes on filling its capacity; what an owner
# or the retailer had kept, and stored or sent away since, fills nobody's.
TAKEN_SQL: Final = """
    taken AS (
        SELECT delivery_date, slot_no, kind_no, holder_no AS buyer_no, sum(energy_wh)::HUGEINT AS taken_wh
        FROM (SELECT delivery_date, slot_no, kind_no, holder_no, energy_wh FROM allocations WHERE choice_no > 0
              UNION ALL SELECT delivery_date, slot_no, kind_no, holder_no, debt_wh FROM debt
              WHERE holder_no IN (SELECT party_no FROM party WHERE role = 'buyer'))
        GROUP BY ALL)
"""
_OFFERS: Final = """
    terms AS (
        SELECT delivery_date, buyer_no, kind_no, home_price_sen_per_kwh, buyer_price_sen_per_kwh, capacity_rule,
               cap_wh_per_slot, cap_wh_per_day, cap_wh_per_month, districts, plant_age_years_min, plant_age_years_max,
               valid_from AS offered_from
        FROM market_day JOIN offer
        ON delivery_date >= valid_from AND delivery_date < coalesce(valid_until, DATE 'infinity'))
"""

# The lists that homes had: their own choices, or the offers that beat the standard one by the home's own weights.
_LISTS: Final = """
    wanting AS (
        SELECT delivery_date, preference.*,
               row_number() OVER (PARTITION BY delivery_date, home_no, kind_no ORDER BY valid_from DESC) AS latest_no
        FROM market_day JOIN preference ON valid_from <= delivery_date),
    by_worth AS (SELECT * FROM wanting WHERE latest_no = 1 AND ranking = 'by_worth'),
    dated AS (
        SELECT delivery_date, home_no, kind_no, buyer_no, choice_no, valid_from,
               max(valid_from) OVER (PARTITION BY delivery_date, home_no, kind_no) AS latest_from
        FROM market_day JOIN choice ON valid_from <= delivery_date),
    own AS (
        SELECT delivery_date, home_no, kind_no, buyer_no, choice_no AS order_no, NULL AS choices_max
        FROM dated ANTI JOIN by_worth USING (delivery_date, home_no, kind_no) WHERE valid_from = latest_from),
    given_faces AS (
        SELECT buyer_no, kind_no, valid_from AS offered_from,
               coalesce(sum(face_value_sen_per_kwh) FILTER (perk_kind = 'points'), 0)::HUGEINT AS points_face,
               coalesce(sum(face_value_sen_per_kwh) FILTER (perk_kind = 'coupon'), 0)::HUGEINT AS coupon_face
        FROM perk GROUP BY ALL),
    place AS (SELECT party_no, party_id, district FROM party),
    valued AS (
        SELECT by_worth.delivery_date, by_worth.home_no, by_worth.kind_no, terms.buyer_no, choices_max,
               home_price_sen_per_kwh::HUGEINT * money_weight_permille
               + coalesce(points_face, 0) * points_weight_permille + coalesce(coupon_face, 0) * coupon_weight_permille
               + 1000 * if(list_contains(string_split(favourites, '+'), buyer.party_id), favourite_bonus_sen_per_kwh, 0)
               + 1000 * if(home.district <> '' AND home.district = buyer.district, same_district_bonus_sen_per_kwh, 0)
                   AS worth,
               if(by_worth.kind_no = 1, standard_price_sen_per_kwh::HUGEINT * money_weight_permille, 0) AS standard
        FROM by_worth JOIN terms USING (delivery_date, kind_no) JOIN plant ON plant.home_no = by_worth.home_no
        JOIN place AS home ON home.party_no = by_worth.home_no JOIN place AS buyer ON buyer.party_no = terms.buyer_no
        LEFT JOIN given_faces ON given_faces.buyer_no = terms.buyer_no AND given_faces.kind_no = terms.kind_no
            AND given_faces.offered_from = terms.offered_from),
    asked AS (
        SELECT * FROM own
        UNION ALL
        SELECT delivery_date, home_no, kind_no, buyer_no,
               row_number() OVER (PARTITION BY delivery_date, home_no, kind_no ORDER BY worth DESC, buyer_no),
               choices_max
        FROM valued WHERE worth > standard),
    taking AS (
        SELECT asked.*, home_price_sen_per_kwh, buyer_price_sen_per_kwh,
               row_number() OVER (PARTITION BY delivery_date, home_no, kind_no ORDER BY order_no) AS rank_no
        FROM asked JOIN terms USING (delivery_date, buyer_no, kind_no)
        JOIN plant USING (home_no) JOIN place ON party_no = home_no
        WHERE (districts = '' OR list_contains(string_split(districts, '+'), district))
        AND year(delivery_date) - year(commissioning_date)
            - if(month(delivery_date) * 100 + day(delivery_date)
                 < month(commissioning_date) * 100 + day(commissioning_date), 1, 0)
            BETWEEN coalesce(plant_age_years_min, -1000) AND coalesce(plant_age_years_max, 1000)),
    listed AS (SELECT * FROM taking WHERE rank_no <= coalesce(choices_max, rank_no))
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
            WITH {TAKEN_SQL},
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
            WITH {TAKEN_SQL}, {_OFFERS},
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
        law="DAY_CAP",
        title="no buyer above its agreed cap, per day and kind",
        sentence="buyer {buyer_no} {delivery_date} {kind_no}: {taken_wh} Wh, cap {cap_wh_per_day}",
        cases_sql=f"""
            WITH {TAKEN_SQL}, {_OFFERS},
            day_taken AS (SELECT delivery_date, kind_no, buyer_no, sum(taken_wh) AS taken_wh FROM taken GROUP BY ALL)
            SELECT delivery_date, kind_no, buyer_no, taken_wh, cap_wh_per_day,
                   taken_wh <= coalesce(cap_wh_per_day, taken_wh) AS holds
            FROM day_taken LEFT JOIN terms USING (delivery_date, buyer_no, kind_no)
        """,
    ),
    Law(
        law="MONTH_CAP",
        title="no buyer above its agreed cap, per month and kind",
        sentence="buyer {buyer_no} {month_text} {kind_no}: {taken_wh} Wh, cap {cap_wh_per_month}",
        # Where the cap changes within a month, each close kept the one of its day for all of the month: so the days
        # whose cap is c or less got no more than c together, however much days with a larger one, or none, got.
        cases_sql=f"""
            WITH {TAKEN_SQL}, {_OFFERS},
            month_taken AS (
                SELECT strftime(delivery_date, '%Y-%m') AS month_text, kind_no, buyer_no, cap_wh_per_month,
                       sum(taken_wh) AS taken_wh
                FROM taken LEFT JOIN terms USING (delivery_date, buyer_no, kind_no) GROUP BY ALL),
            reached AS (
                SELECT * REPLACE (sum(taken_wh) OVER (PARTITION BY month_text, kind_no, buyer_no
                                                      ORDER BY cap_wh_per_month NULLS LAST) AS taken_wh)
                FROM month_taken)
            SELECT month_text, kind_no, buyer_no, taken_wh, cap_wh_per_month,
                   cap_wh_per_month IS NULL OR taken_wh <= cap_wh_per_month AS holds
            FROM reached
        """,
    ),
    Law(
        law="CHOSEN",
        title="energy goes to the home's list in its order, the rest to its owner, at the prices in force",
        sentence="home {home_no} {delivery_date} {kind_no} to {holder_no} as choice {choice_no}: home's price "
        "{home_price_sen_per_kwh} and buyer's price {buyer_price_sen_per_kwh} sen/kWh, agreed {agreed_home_price} and "
        "{agreed_buyer_price} as choice {agreed_choice_no}",
        cases_sql=f"""
            WITH {_OFFERS}, {_LISTS},
            agreed AS (
                SELECT delivery_date, home_no, kind_no, buyer_no AS holder_no, true AS is_bought,
                       home_price_sen_per_kwh AS agreed_home_price, buyer_price_sen_per_kwh AS agreed_buyer_price,
                       rank_no AS agreed_choice_no
                FROM listed
                UNION ALL
                SELECT delivery_date, home_no, 1, purchaser_no, false, standard_price_sen_per_kwh, 0, 0
                FROM market_day CROSS JOIN plant
                UNION ALL
                SELECT delivery_date, home_no, 2, value_owner_no, false, 0, 0, 0 FROM market_day CROSS JOIN plant),
            given AS (
                SELECT DISTINCT delivery_date, home_no, kind_no, choice_no, holder_no, choice_no > 0 AS is_bought,
                       home_price_sen_per_kwh, buyer_price_sen_per_kwh
                FROM allocations)
            SELECT given.*, agreed_home_price, agreed_buyer_price, agreed_choice_no,
                   home_price_sen_per_kwh = agreed_home_price AND buyer_price_sen_per_kwh = agreed_buyer_price
                   AND choice_no = agreed_choice_no AS holds
            FROM given LEFT JOIN agreed USING (delivery_date, home_no, kind_no, holder_no, is_bought)
        """,
    ),
)
