"""Measures the log: appending beside plain level-wise hashing of the same leaves in the same run, proofs, their size.

Enters: a number of leaves. Leaves: figures by name. Peers are timed in turn with ours, best of several rounds each,
since the machine is shared. Not here: sealing a day (its certificates are written in JSON there).
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from sanchi.core.transparency.hashing import HASH_BYTES, leaf_hash
from sanchi.core.transparency.proofs import inclusion_proof, is_included
from sanchi.core.transparency.tree import EMPTY_FRONTIER, Grown, grow
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.log import nodes_table

LEAF_COUNT = 1 << 20
BIG_COUNT = 10_000_000
LEAF_BYTES = 200
ROUNDS = 5
PROOFS = 20_000
# What the owner asks for: share of the level-wise hashing, bytes of a proof.
BAR_SHARE = 0.85
BAR_PROOF_BYTES = 1_000


def leaves_of(n_leaves: int) -> list[bytes]:
    """Make leaves of 200 bytes, as the research script does."""
    return [b"%0200d" % number for number in range(n_leaves)]


def level_wise(leaves: list[bytes]) -> list[list[bytes]]:
    """Hash all leaves, then level after level, and keep every level: the least that a log with proofs can do."""
    hashes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    levels = [hashes]
    while len(hashes) > 1:
        children = iter(hashes)
        hashes = [sha256(b"\x01" + a + b).digest() for a, b in zip(children, children, strict=False)]
        if len(levels[-1]) & 1:
            hashes.append(levels[-1][-1])
        levels.append(hashes)
    return levels


def timed_s(work: Callable[[], object]) -> float:
    """Time one run."""
    gc.collect()
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def best_s(works: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Time works in turn, and give the best of each."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            found[name].append(timed_s(work))
    return {name: min(times) for name, times in found.items()}


def kept_nodes(grown: Grown) -> Callable[[int, int], bytes]:
    """Look nodes of a tree up that was grown at once."""
    levels = grown.levels

    def node_of(level: int, index: int) -> bytes:
        return levels[level][index]

    return node_of


def append_figures(n_leaves: int) -> dict[str, float]:
    """Append the same leaves in the plain way, in ours, and in ours with the nodes written to the lake and synced."""
    leaves = leaves_of(n_leaves)
    with tempfile.TemporaryDirectory() as folder:
        lake, number = Lake(Path(folder)), [0]

        def stored() -> None:
            # Another first leaf each time, lest the lake finds the file of the round before.
            number[0] += 1
            grown = grow(EMPTY_FRONTIER, [b"%0200d" % number[0], *leaves[1:]])
            lake.write("log_nodes", nodes_table(grown))

        best = best_s(
            {"plain": lambda: level_wise(leaves), "ours": lambda: grow(EMPTY_FRONTIER, leaves), "stored": stored}
        )
    return {
        "leaves": n_leaves,
        "level_wise_per_s": n_leaves / best["plain"],
        "append_per_s": n_leaves / best["ours"],
        "append_share": best["plain"] / best["ours"],
        "stored_per_s": n_leaves / best["stored"],
        "stored_share": best["plain"] / best["stored"],
    }


def proof_figures(n_leaves: int) -> dict[str, float]:
    """Prove and verify leaves of one tree."""
    leaves = leaves_of(n_leaves)
    grown = grow(EMPTY_FRONTIER, leaves)
    node_of, root = kept_nodes(grown), grown.frontier.root()
    wanted = range(0, n_leaves, max(1, n_leaves // PROOFS))
    proofs = [inclusion_proof(node_of, leaf_no, n_leaves) for leaf_no in wanted]
    assert all(
        is_included(leaf=leaf_hash(leaves[no]), leaf_no=no, leaf_count=n_leaves, proof=proof, root=root)
        for no, proof in zip(wanted, proofs, strict=True)
    )
    best = best_s(
        {
            "prove": lambda: [inclusion_proof(node_of, leaf_no, n_leaves) for leaf_no in wanted],
            "verify": lambda: [
                is_included(leaf=grown.levels[0][no], leaf_no=no, leaf_count=n_leaves, proof=proof, root=root)
                for no, proof in zip(wanted, proofs, strict=True)
            ],
        },
        rounds=3,
    )
    return {"proofs_per_s": len(proofs) / best["prove"], "verified_per_s": len(proofs) / best["verify"]}


def size_figures(n_leaves: int) -> dict[str, float]:
    """Count what proofs of a big tree carry and read; no node is hashed, so the size may be any."""
    reads = [0]

    def node_of(level: int, index: int) -> bytes:
        del level, index
        reads[0] += 1
        return bytes(HASH_BYTES)

    lengths, counts = [], []
    for leaf_no in range(0, n_leaves, max(1, n_leaves // 2_000)):
        reads[0] = 0
        lengths.append(len(inclusion_proof(node_of, leaf_no, n_leaves)))
        counts.append(reads[0])
    longest = max(lengths) * HASH_BYTES
    return {
        "big_leaves": n_leaves,
        "proof_bytes": longest,
        "proof_base64_bytes": len(b64encode(bytes(longest))),
        "node_reads": max(counts),
    }


def figures_of(n_leaves: int) -> dict[str, float]:
    """Measure everything; append_share and proof_bytes have bars (BAR_SHARE, BAR_PROOF_BYTES)."""
    return {**append_figures(n_leaves), **proof_figures(n_leaves), **size_figures(BIG_COUNT)}


def report(figures: dict[str, float]) -> bool:
    """Print the figures with their bars; tells whether the bars are reached."""
    share, size = figures["append_share"], figures["proof_bytes"]
    print(f"log of {figures['leaves']:,.0f} leaves of {LEAF_BYTES} bytes, best of {ROUNDS} in turn")
    print(f"  level-wise hashing, all levels kept     {figures['level_wise_per_s']:>12,.0f} leaves/s")
    verdict = "reached" if share >= BAR_SHARE else "NOT reached"
    print(
        f"  append                                  {figures['append_per_s']:>12,.0f} leaves/s  {share:.0%} ({verdict})"
    )
    print(
        f"  append, nodes written and synced        {figures['stored_per_s']:>12,.0f} leaves/s  "
        f"{figures['stored_share']:.0%}"
    )
    print(f"  inclusion proofs                        {figures['proofs_per_s']:>12,.0f} /s")
    print(f"  verified                                {figures['verified_per_s']:>12,.0f} /s")
    verdict_size = "reached" if size <= BAR_PROOF_BYTES else "NOT reached"
    print(
        f"  a proof among {figures['big_leaves']:,.0f} leaves        {size:>6,.0f} bytes ({verdict_size}), "
        f"{figures['proof_base64_bytes']:,.0f} in base64, {figures['node_reads']:.0f} node reads at most"
    )
    return share >= BAR_SHARE and size <= BAR_PROOF_BYTES


def run(n_leaves: int = LEAF_COUNT) -> int:
    """Measure and print everything; returns an exit code, 1 where a bar is missed."""
    return 0 if report(figures_of(n_leaves)) else 1


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves", type=int, default=LEAF_COUNT)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.json:
        print(json.dumps(figures_of(chosen.leaves)))
    else:
        sys.exit(run(chosen.leaves))


if __name__ == "__main__":
    main()
