"""What the page of a comparison says, in English and Japanese.

Enters: a language. Leaves: words. Not here: figures, layout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.mechanisms.table import MechanismName


class Language(StrEnum):
    """In which language the page speaks."""

    EN = "en"
    JA = "ja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """One text in both languages."""

    en: str
    ja: str

    def to(self, language: Language) -> str:
        """Give the text of a language."""
        return self.ja if language is Language.JA else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A figure's title, its unit, and in one sentence what it means."""

    title: Both
    unit: Both
    meaning: Both


TITLE: Final = Both(en="What each mechanism would have done", ja="各方式で割り当てていたら")
LEDE: Final = Both(
    en="The same homes, buyers and half hours, matched anew by every mechanism. The books keep what was closed.",
    ja="同じ家・買い手・30分値を、すべての方式で割り当て直した結果です。帳簿は締めたときのまま変わりません。",
)
KINDS: Final[Mapping[CertificateKind, Both]] = {
    CertificateKind.SURPLUS: Both(en="Surplus", ja="余剰電力"),
    CertificateKind.SELF_CONSUMPTION: Both(en="Value of self-consumption", ja="自家消費の環境価値"),
}
RESTS: Final[Mapping[CertificateKind, Both]] = {
    CertificateKind.SURPLUS: Both(
        en="What no buyer took went to the standard offer, which paid for it.",
        ja="買い手がつかなかった分は標準買取に回り、その価格で支払われました。",
    ),
    CertificateKind.SELF_CONSUMPTION: Both(
        en="What no buyer took stayed with the homes.", ja="買い手がつかなかった分は家に残りました。"
    ),
}
SHARES: Final = Explained(
    title=Both(en="What found a buyer", ja="買い手がついた割合"),
    unit=Both(en="% of supply", ja="供給に対する%"),
    meaning=Both(
        en="The share of the supply that went to any buyer, and of it what went to the home's first choice.",
        ja="供給のうち買い手に渡った割合と、そのうち家の第1希望に渡った割合です。",
    ),
)
MONEY: Final = Explained(
    title=Both(en="Money", ja="お金"),
    unit=Both(en="yen", ja="円"),
    meaning=Both(
        en="What homes get in all (from buyers, and from the standard offer for the rest), and what buyers pay.",
        ja="家の受取総額（買い手からの分と、残りに対する標準買取の分）と、買い手の支払額です。",
    ),
)
ENVY: Final = Explained(
    title=Both(en="Envy", ja="羨望"),
    unit=Both(en="kWh", ja="kWh"),
    meaning=Both(
        en="How much more a home would have placed well with another home's deal at its own size, summed over homes.",
        ja="他の家と同じ割合で扱われていたら希望の買い手にもっと渡せた量を、全戸で合計したものです。",
    ),
)
BLOCKING: Final = Explained(
    title=Both(en="Blocking pairs", ja="ブロッキングペア"),
    unit=Both(en="pairs x half hours", ja="組×30分"),
    meaning=Both(
        en="How often a home and a buyer would both rather have dealt with each other than as they did.",
        ja="家と買い手の双方が、実際の割り当てより互いを望んだはずの回数です。",
    ),
)
GINI: Final = Explained(
    title=Both(en="Inequality of fill rates", ja="充足率の不平等"),
    unit=Both(en="Gini, 0 to 1", ja="ジニ係数 0〜1"),
    meaning=Both(
        en="0 where every home places the same share of its supply with buyers; near 1 where few homes place all.",
        ja="すべての家が供給の同じ割合を売れていれば0、一部の家だけが売れていれば1に近づきます。",
    ),
)
MISSED: Final = Explained(
    title=Both(en="Distance from the greatest worth", ja="最大価値との差"),
    unit=Both(en="yen", ja="円"),
    meaning=Both(
        en="The joint gain (bid - ask) that max_welfare finds on the homes' lists and this mechanism does not; "
        "below 0 where trades went beyond the lists.",
        ja="家の希望リスト内で max_welfare が得る合計の利得（買値−売値）に届かなかった額です。"
        "リスト外の取引があると負になります。",
    ),
)
HOURS: Final = Explained(
    title=Both(en="Matched in the same half hour, by buyer", ja="買い手ごとの同時同量の割合"),
    unit=Both(en="% of use", ja="使用量に対する%"),
    meaning=Both(
        en="The share of what a buyer used over all half hours, nights included, that arrived in the same half hour.",
        ja="夜間も含む買い手の使用量のうち、同じ30分に届いた電力の割合です。",
    ),
)
WORDS: Final[Mapping[str, Both]] = {
    "mechanism": Both(en="mechanism", ja="方式"),
    "rule": Both(en="rule", ja="ルール"),
    "matched": Both(en="to any buyer", ja="買い手全体"),
    "first_choice": Both(en="to the first choice", ja="第1希望"),
    "to_homes": Both(en="homes get", ja="家の受取"),
    "paid": Both(en="buyers pay", ja="買い手の支払"),
    "days": Both(en=" days", ja="日間"),
    "supply": Both(en="Homes offered {} kWh.", ja="家の供給量は {} kWh です。"),
    "table": Both(en="All figures", ja="すべての数値"),
    "rules": Both(en="The mechanisms", ja="方式の説明"),
    "assumed": Both(en="Assumed", ja="前提"),
    "credits": Both(en="Whose data these are", ja="データの出典"),
    "skipped": Both(en="Not run", ja="実行しなかった方式"),
    "took_nothing": Both(en="Took nothing under any mechanism:", ja="どの方式でも受け取らなかった買い手："),
    "default": Both(
        en="The bar in full colour is eating, the platform's rule.",
        ja="強い色の棒が、本プラットフォームの方式 eating です。",
    ),
    "envious": Both(en="envious homes", ja="羨望のある家"),
    "rest": Both(en="rest %", ja="残り %"),
    "chart_only": Both(
        en="The charts need JavaScript; the tables hold all figures.", ja="図の表示には JavaScript が必要です。"
    ),
}
# One line for each of sanchi.app.compare_mechanisms.ASSUMPTIONS, in its order.
ASSUMPTIONS_JA: Final = (
    "家の売値は標準買取価格とします（自家消費には標準買取がないため0円）。",
    "買い手の買値は有効な募集の支払価格、受入上限はその日の締めのものです。",
    "固定係数は均等、買い手は同じ地区の家を優先し、すべてのテナントの目標は100%とします。",
    "場所と託送料は考えません。オークションはすべての買い手に開かれ、希望リストを見ません。",
)
RULES: Final[Mapping[MechanismName, Both]] = {
    MechanismName.EATING: Both(
        en="All homes pour at once into their best open buyer.",
        ja="全戸が同時に、空きのある最上位の買い手へ注ぎます。",
    ),
    MechanismName.PRO_RATA: Both(
        en="Full buyers take pro rata to what they are asked; leftovers are offered to the next choice.",
        ja="満杯の買い手は申込量に比例して受け取り、残りは次の希望に回します。",
    ),
    MechanismName.FIXED_SHARE: Both(
        en="Fixed coefficients; what does not fit goes to the standard offer.",
        ja="固定の係数で分け、入りきらない分は標準買取に回します。",
    ),
    MechanismName.FIXED_SHARE_PASSED_ON: Both(
        en="Fixed coefficients; what does not fit is cut anew over the others.",
        ja="固定の係数で分け、入りきらない分は他の希望に分け直します。",
    ),
    MechanismName.TWO_SIDED: Both(
        en="Stable: buyers rank classes of homes, and no pair would rather have each other.",
        ja="買い手も家の区分に順位をつけ、互いに乗り換えたい組が残らない安定な割り当てです。",
    ),
    MechanismName.TARGET_SHARE: Both(
        en="Fills shortfalls to each buyer's renewable target first, then by use.",
        ja="まず各買い手の再エネ目標の不足を埋め、残りは使用量で分けます。",
    ),
    MechanismName.UNIFORM_PRICE: Both(
        en="Auction: all trades of a half hour at one price between the last bid and ask.",
        ja="オークション：30分ごとに、最後の買値と売値の中間の単一価格で取引します。",
    ),
    MechanismName.PAY_AS_BID: Both(
        en="Auction: each buyer pays its own bid, and the home gets it.",
        ja="オークション：買い手は自分の買値を支払い、家がそれを受け取ります。",
    ),
    MechanismName.MID_MARKET_RATE: Both(
        en="One rate halfway between ask and bid, shared pro rata.",
        ja="売値と買値の中間の価格で、比例配分します。",
    ),
    MechanismName.MAX_WELFARE: Both(
        en="The greatest joint gain on the homes' lists; the yardstick of the others.",
        ja="希望リスト内で合計利得が最大になる割り当て。他の方式のものさしです。",
    ),
}
