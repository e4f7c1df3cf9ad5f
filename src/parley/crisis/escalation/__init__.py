"""Who is called, in which order, while nobody has yet read or answered an alert. Cores without I/O.

How an alert that nobody reads comes to wake a releaser: a **plan** (:mod:`.plan`) holds what the
party has decided beforehand, its rosters and its policies, in one version that an engineer and a
releaser both put in force. A **roster** (:mod:`.roster`) says who is to be on watch when. A
**policy** (:mod:`.policy`) is a list of steps, each with its seconds, its targets and until what it
is wanted; there is one for each precedence of what they wrote (inbound) and of what we wrote
(outbound). When an alert comes to rows, its **escalation** (:mod:`.escalation`) begins in that same
transaction, under the policy as it was at that moment. Each step that falls due is recorded once;
its targets become **ends** (:mod:`.reaching`): the desk, a device, a mail box, a webhook, a siren.
For each end there is a **notice** (:mod:`.notice`), which is tried until it worked or was given up.

What if it fails: a node that was down finds every step that fell due meanwhile, records each once
and calls at once. An alert that is settled ends its escalation; what was recorded stays. A target
that comes to nobody (an empty shift, a role that nobody has) is the releasers' notice instead, and
says why.

Everything here takes its time as an argument, in milliseconds or as an instant, and returns what is
to be done. The rows and what leaves the node are in :mod:`parley.crisis.duty`.
"""
