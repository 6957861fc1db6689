"""The sentence that the law wants beside electricity for which no non-fossil certificate is used.

Enters: nothing. Leaves: the sentence. Not here: when it is due (app/origin_statement).
"""

from typing import Final

# Source: 電力の小売営業に関する指針, the guideline on selling electricity: labels without non-fossil certificates.
LABEL_SENTENCE_JA: Final = (
    "非化石証書を使用していない部分は再エネ価値・ゼロエミ価値を有さず、"
    "火力等も含めた全国平均のCO2排出量を持つ電気として扱われます"
)
# For readers; in law the Japanese sentence alone counts.
LABEL_SENTENCE_EN: Final = (
    "The part for which no non-fossil certificate is used has neither renewable nor zero-emission value and is "
    "treated as electricity with the national average CO2 emissions, thermal power included"
)
