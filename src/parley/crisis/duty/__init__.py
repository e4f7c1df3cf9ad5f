"""Watches and escalation in a running node: rows, who is told, and by what.

How a step comes to a siren: the keeper (:mod:`.keeping`) begins an escalation in the transaction of
the alert's own entry and sets its deadline there. At the deadline the step is recorded, and with it
a notice for every end, in one transaction (:mod:`.stepping`). After that commit the sender
(:mod:`.sender`) takes each notice that is due, notes the try, hands it to its carrier
(:mod:`.carriers`), and notes what came of it.

What if it fails: a node that dies between step and notice has neither; between notice and carrier
it tries again. A carrier that hangs, refuses or lies holds up nothing but its own notice. What was
given up is shown on the desk and by ``parley doctor``. No carrier is told what an alert says unless
the settings allow it.
"""
