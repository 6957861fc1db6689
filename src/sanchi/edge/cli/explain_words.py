"""The words of `sanchi explain`, English and Japanese side by side.

Enter: outcomes, verdicts, places. Leave: sentences with places for figures. Not here: figures and layout.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sanchi.app.home_explanation import OrdersVerdict, RestPlace
from sanchi.app.home_lists import PassOverReason
from sanchi.app.recompute_home import RecomputeVerdict
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.eating.explanation import ChoiceOutcome


class Language(StrEnum):
    """What an explanation can be read in."""

    EN = "en"
    JA = "ja"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages, with the same places for figures."""

    en: str
    ja: str

    def said(self, language: Language, **figures: object) -> str:
        """Fill the places in."""
        return (self.ja if language is Language.JA else self.en).format(**figures)


HEAD: Final = Words("{home} ({home_id})  {day}  {part}", "{home}（{home_id}）  {day}  {part}")
WHOLE_DAY: Final = Words("the whole day", "1日全体")
ONE_SLOT: Final = Words("{time} (slot {slot})", "{time}（第{slot}コマ）")
STATE: Final = Words("revision {revision}, {state}", "第{revision}版、{state}")
FINAL: Final = Words("final", "確定")
PRELIMINARY: Final = Words("preliminary", "暫定")
STALE: Final = Words(
    "Newer readings have arrived for this day. Once it is closed again, these figures can change.",
    "この日には新しい検針値が届いています。再締めのあと、数字が変わることがあります。",
)
HOW: Final = Words(
    "In each half hour all homes pour into their best buyer that still has room, all at the same time. A buyer is full "
    "when it has all that it takes in that half hour; from then on each home goes on to its next choice. A time is "
    "given as per cent of the half hour. Part of a watt-hour cannot be sold, so a figure may be 1 Wh more or less by "
    "rounding.",
    "どのコマ（30分）でも、すべての住宅が同時に、空きのある買い手のうち希望順位が最も高い先へ電気を注ぎます。受け入れられる量に達すると"
    "その買い手は満枠となり、各住宅は次の希望先へ移ります。満枠になった時（満了時刻）は30分に対する%で表します。"
    "1 Wh未満は割り当てられないため、端数調整により1 Wh前後することがあります。",
)
HOME_ONLY: Final = Words(
    "After this month was finalised, late corrections changed this day home by home. The times at which buyers were "
    "full stand as they were published; they belong to the day as it was matched, before the correction.",
    "この日は、月の確定後に住宅ごとの訂正が行われました。買い手の満了時刻は公表時のままで、訂正前の割当のものです。",
)
CORRECTED_HERE: Final = Words(
    "This home was corrected in {slots}. Less energy was taken from {rest} first, then from the last choice "
    "to the first. More energy went to the choices in order, as far as they had room left, then to {rest}.",
    "この住宅は{slots}で訂正されました。減った分はまず{rest}から、次に下位の希望先から順に差し引かれます。"
    "増えた分は希望順位の順に空きのある先へ、残りは{rest}へ回ります。",
)
NOT_CORRECTED_HERE: Final = Words(
    "This home's own figures were not changed by it.", "この住宅の数字に変更はありません。"
)

KIND: Final = {
    CertificateKind.SURPLUS: Words(
        "Surplus: solar power that went out to the grid", "余剰電力：電力網へ送った太陽光の電気"
    ),
    CertificateKind.SELF_CONSUMPTION: Words(
        "Self-consumption: the environmental value of solar power used at home",
        "自家消費：家で使った太陽光の電気の環境価値",
    ),
}
KIND_SHORT: Final = {
    CertificateKind.SURPLUS: Words("surplus", "余剰電力"),
    CertificateKind.SELF_CONSUMPTION: Words("self-consumption", "自家消費"),
}
SUPPLIED: Final = Words(
    "Supplied {supply} Wh, which earned {amount} yen.",
    "供出は{supply} Wh、発生額は{amount}円です。",
)
WITHHELD: Final = Words(
    "(It offered {offered} Wh. Of these {withheld} Wh were kept back to settle an earlier correction.)",
    "（供出できた電力量は{offered} Wh。うち{withheld} Whは、過去の訂正の精算として差し引きました。）",
)
NOTHING: Final = Words("Nothing was offered.", "供出された電力はありません。")
RANKS: Final = {
    1: Words("First choice", "第1希望"),
    2: Words("Second choice", "第2希望"),
    3: Words("Third choice", "第3希望"),
}
RANK: Final = Words("Choice {number}", "第{number}希望")
REST: Final = Words("The rest", "残り")
PRICE: Final = Words("{price} yen/kWh", "{price}円/kWh")
YEN: Final = Words("{amount} yen", "{amount}円")
REST_PLACE: Final = {
    RestPlace.STANDARD_OFFER: Words("Standard offer", "標準買取"),
    RestPlace.STAYS_WITH_OWNER: Words("Stays with {holder}", "{holder}が保有"),
}
REASON: Final = Words("{rank}, {buyer}: {sentence}", "{rank}・{buyer}：{sentence}")
REST_IN_SENTENCE: Final = Words("the standard offer", "標準買取")
OWNER_IN_SENTENCE: Final = Words("what stays with {holder}", "{holder}の保有分")
REST_SENTENCE: Final = {
    RestPlace.STANDARD_OFFER: Words(
        "The rest: what no choice took goes to the standard offer of {holder}.",
        "残り：どの希望先にも入らなかった分は、{holder}の標準買取となります。",
    ),
    RestPlace.STAYS_WITH_OWNER: Words(
        "The rest: what no choice took stays with {holder}, and nobody pays for it.",
        "残り：どの希望先にも入らなかった分は{holder}が保有し、支払いはありません。",
    ),
}
NO_CHOICES: Final = {
    RestPlace.STANDARD_OFFER: Words(
        "This home has chosen no buyer for it: all of it goes to the standard offer.",
        "希望先の登録がないため、全量が標準買取となります。",
    ),
    RestPlace.STAYS_WITH_OWNER: Words(
        "This home has chosen no buyer for it: the value stays with {holder}.",
        "希望先の登録がないため、環境価値は{holder}が保有します。",
    ),
}
ALL_PASSED_OVER: Final = {
    RestPlace.STANDARD_OFFER: Words(
        "No buyer could take from this home on this day, so all of it goes to the standard offer.",
        "この日に引き受けられる買い手がいなかったため、全量が標準買取となります。",
    ),
    RestPlace.STAYS_WITH_OWNER: Words(
        "No buyer could take from this home on this day, so the value stays with {holder}.",
        "この日に引き受けられる買い手がいなかったため、環境価値は{holder}が保有します。",
    ),
}
BY_WORTH: Final = Words(
    "This home lets its buyers be ranked by what their offers are worth to it.",
    "この住宅は、購入条件の評価額による順位づけを選んでいます。",
)
PASSED_OVER: Final = {
    PassOverReason.NO_OFFER: Words(
        "Not on the list of this day: {buyers}, without an offer in force.",
        "この日の対象外：{buyers}（有効な購入条件がありません）。",
    ),
    PassOverReason.DISTRICT: Words(
        "Not on the list of this day: {buyers}, whose offer is for homes of other districts.",
        "この日の対象外：{buyers}（別の地区の住宅向けの購入条件です）。",
    ),
    PassOverReason.PLANT_AGE: Words(
        "Not on the list of this day: {buyers}, whose offer is for younger or older solar plants.",
        "この日の対象外：{buyers}（太陽光設備の経過年数が購入条件に合いません）。",
    ),
    PassOverReason.WORTH: Words(
        "Not on the list of this day: {buyers}, worth no more to this home than what it gets without a buyer.",
        "この日の対象外：{buyers}（この住宅にとっての評価額が、買い手がない場合を上回りません）。",
    ),
    PassOverReason.MONTHLY: Words(
        "Not on the list of this day: {buyers}, as this home's export is known by the month alone; it goes to the "
        "standard offer.",
        "この日の対象外：{buyers}（余剰電力量が月単位でしか分からないため、標準の買取に回ります）。",
    ),
    PassOverReason.CHOICES_MAX: Words(
        "Not on the list of this day: {buyers}, as better ones fill the list.",
        "この日の対象外：{buyers}（評価額がより高い買い手で希望の数が埋まりました）。",
    ),
}

# A choice over a day.
DAY_NOT_NEEDED: Final = Words(
    "not needed, as better choices stayed open.", "上位の希望先に空きがあったため、出番はありませんでした。"
)
DAY_OPEN: Final = Words("had room to the end whenever it was asked.", "出番のあったコマでは最後まで空きがありました。")
DAY_FULL: Final = Words(
    "full in {full} of the {asked} half hours in which it was needed, at the earliest at {earliest} %.",
    "出番のあった{asked}コマのうち{full}コマで満枠になりました（最も早い満了時刻は{earliest}%）。",
)

# A choice in one slot.
OUTCOME: Final = {
    ChoiceOutcome.OPEN_TO_THE_END: Words(
        "had room to the end of the half hour. It took {part} Wh.", "最後まで空きがあり、{part} Whを引き受けました。"
    ),
    ChoiceOutcome.FILLED_WHILE_THERE: Words(
        "was full at {closed} % of the half hour. Until then it took {part} Wh.",
        "30分の{closed}%の時点で満枠になり、それまでに{part} Whを引き受けました。",
    ),
    ChoiceOutcome.FULL_BEFORE_ARRIVAL: Words(
        "was full at {closed} % already, before this home's turn there came at {arrived} %.",
        "この住宅の番（{arrived}%）より前、{closed}%の時点ですでに満枠でした。",
    ),
    ChoiceOutcome.NOT_NEEDED: Words(
        "was not needed, as a better choice had room to the end.", "上位の希望先が最後まで空いていたため、不要でした。"
    ),
}
# Both times are the same per cent, so figures would only confuse.
FULL_JUST_BEFORE: Final = Words(
    "was full at {closed} % already, just before this home's turn there came.",
    "この住宅の番が来る直前、{closed}%の時点で満枠になっていました。",
)
NO_ROOM: Final = Words("had no room in this half hour.", "このコマには空きがありませんでした。")
OUTCOME_SHORT: Final = {
    ChoiceOutcome.OPEN_TO_THE_END: Words("open to the end", "最後まで空き"),
    ChoiceOutcome.FILLED_WHILE_THERE: Words("full at {closed} %", "{closed}%で満枠"),
    ChoiceOutcome.FULL_BEFORE_ARRIVAL: Words("full already", "すでに満枠"),
    ChoiceOutcome.NOT_NEEDED: Words("not needed", "不要"),
}
CORRECTED_SHORT: Final = Words("matched: {matched}", "訂正前 {matched}")
CORRECTED_SLOT: Final = Words(
    "So it was matched, when {matched} Wh were supplied. The correction made it {supply} Wh; now the books say:",
    "以上は訂正前（供出{matched} Wh）の割当です。訂正後の供出は{supply} Whで、現在の割当は次のとおりです。",
)

HALF_HOUR: Final = Words("1 half hour", "1コマ")
HALF_HOURS: Final = Words("{count} half hours", "{count}コマ")
SLOTS: Final = Words("Half hour by half hour", "コマ（30分）ごとの内訳")
SLOTS_EASY: Final = Words(
    "In {slots} besides, all of it ({energy} Wh) went to {buyer}.",
    "そのほかの{slots}は、全量（{energy} Wh）が{buyer}へ渡りました。",
)
ALL_SLOTS_EASY: Final = Words(
    "In {slots} all of it ({energy} Wh) went to {buyer}.",
    "{slots}とも、全量（{energy} Wh）が{buyer}へ渡りました。",
)
COLUMN_TIME: Final = Words("Half hour", "コマ")
COLUMN_SUPPLY: Final = Words("supplied Wh", "供出 Wh")
COLUMN_MONEY: Final = Words("yen", "円")

ORDERS: Final = Words(
    "With the choices in another order (everybody else's list unchanged, the whole market matched again, to the Wh)",
    "希望順位を入れ替えた場合（ほかの住宅の希望はそのまま、市場全体を割り当て直した正確な数字）",
)
ORDERS_BEFORE: Final = Words(
    "(These are figures of the day as it was matched, before the correction.)", "（訂正前の割当についての数字です。）"
)
COLUMN_ORDER: Final = Words("choices in the order", "希望の順")
COLUMN_GAIN: Final = Words("change", "差")
AND: Final = Words(", ", "、")
THEN: Final = Words(", then ", "、")
OWN_ORDER: Final = Words("as chosen", "現在の順位")
VERDICT: Final = {
    OrdersVerdict.OWN_ORDER_BEST: Words(
        "The order as chosen brought the most money of all that were tried.",
        "試した順位のうち、現在の順位で受け取る金額が最も多くなりました。",
    ),
    OrdersVerdict.NONE_BETTER: Words(
        "No other order that was tried would have brought more money.",
        "試した順位のうち、現在より受取額が増えるものはありませんでした。",
    ),
    OrdersVerdict.ANOTHER_BETTER: Words(
        "In money the order {order} would have been better, by {gain} yen. Whether that is worth another buyer is for "
        "the home to say.",
        "金額だけで見れば、{order}の順のほうが{gain}円多くなりました。買い手を替える価値があるかは、住宅の判断です。",
    ),
    OrdersVerdict.NO_OTHER_ORDER: Words(
        "With fewer than two choices there is no other order.", "希望先が2つに満たないため、ほかの順位はありません。"
    ),
    OrdersVerdict.NOTHING_SUPPLIED: Words(
        "As nothing was supplied, no order would have changed anything.",
        "供出がなかったため、順位を入れ替えても変わりません。",
    ),
    OrdersVerdict.NOT_REPEATABLE: Words(
        "What another order would have brought cannot be said exactly: matching the stored day again with the lists "
        "and offers on file does not give the published table.",
        "登録中の希望と購入条件で割り当て直しても公表された表と一致しないため、ほかの順位の正確な結果は示せません。",
    ),
}

RECOMPUTE: Final = Words(
    "The Wh below are recomputed from the published table alone: from the times at which buyers were full "
    "(closing time, 2^-32 of the half hour), their rounding numbers (2^-60 Wh), this home's own supply and list, and "
    "its public phase PHI (2^-60 Wh). No other home's figures are needed.",
    "以下のWhは、公表された表だけから計算し直したものです。使うのは、買い手の満了時刻（30分の2^-32単位）と端数調整数"
    "（2^-60 Wh単位）、この住宅自身の供出量と希望順位、公開の位相PHI（2^-60 Wh単位）です。"
    "ほかの住宅の数字は要りません。",
)
SUPPLY_SHORT: Final = Words("supplied {supply} Wh", "供出 {supply} Wh")
KEY: Final = Words("home key {key}", "住宅のキー {key}")
COLUMN_BUYER: Final = Words("buyer", "買い手")
COLUMN_CLOSING: Final = Words("closing time", "満了時刻")
COLUMN_ROUNDING: Final = Words("rounding number", "端数調整数")
COLUMN_RECOMPUTED: Final = Words("recomputed Wh", "再計算 Wh")
COLUMN_BOOKED: Final = Words("booked Wh", "記帳 Wh")
RECOMPUTED_VERDICT: Final = {
    RecomputeVerdict.AGREES: Words("agrees", "一致"),
    RecomputeVerdict.CORRECTED: Words("corrected after finalising, by the rule", "確定後の訂正（規則どおり）"),
    RecomputeVerdict.DIFFERS: Words("DIFFERS", "不一致"),
    RecomputeVerdict.NOT_COMPARED: Words("nothing booked to compare", "比べる記帳なし"),
}
RECOMPUTED_SUM: Final = {
    RecomputeVerdict.AGREES: Words(
        "Recomputed and booked agree to the Wh in all: {slots}.",
        "{slots}すべてで、再計算と記帳がWh単位で一致しました。",
    ),
    RecomputeVerdict.CORRECTED: Words(
        "Recomputed and matched agree to the Wh in all: {slots}. Of them {corrected} were corrected after the month "
        "was finalised, as the rule of corrections says.",
        "{slots}すべてで、再計算と割当がWh単位で一致しました。うち{corrected}コマは月の確定後に、訂正の規則どおり変更されています。",
    ),
    RecomputeVerdict.DIFFERS: Words(
        "Recomputed: {slots}. In {differing} of them the books differ.",
        "{slots}を再計算し、{differing}コマで記帳と一致しませんでした。",
    ),
    RecomputeVerdict.NOT_COMPARED: Words(
        "Recomputed: {slots}. Nothing booked was given to compare with.",
        "{slots}を再計算しました（比べる記帳の指定はありません）。",
    ),
}
