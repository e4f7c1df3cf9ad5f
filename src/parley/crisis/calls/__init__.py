"""Call requests: one senior official asks to speak with another, and both desks see the same clock.

How a request becomes a call: an entry says who asks whom, at which level, about what, between when
and when, by voice, video or text, in which languages and with whose interpreter. The other side
accepts, offers another time, names another level, declines (a reason is nobody's right), or says
until when it is still deciding. What it offers is answered in the same way by the side that asked.
Each answer quotes what it answers, so the negotiation is one chain, whatever arrives first
(:mod:`parley.crisis.calls.matter`). The clock runs at both ends from what both logs have.

Before two people trust a voice, their devices agree on six digits that both read aloud
(:mod:`parley.crisis.calls.identity_code`): what stood between them could not have made the two
codes equal, but for one try in a million.

What if it fails: no answer is an answer nobody can force; the limit passes, and both desks say so.
A withdrawal that crosses an acceptance on the line leaves the request withdrawn on both sides.
"""
