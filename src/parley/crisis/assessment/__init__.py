"""The assessment after a crisis: what happened, by each side's own account, sealed before shown.

How it goes: when either side closes the crisis, each node lists what the record has of it, in one
form (:mod:`parley.crisis.assessment.timeline`), and says by an entry what it found; what one has
and the other has not is shown entry by entry. Then each side writes its own account, alone. It
*seals* it: a salted hash goes over the line, the text stays here, encrypted. Only when both hashes
are in do the nodes show the texts, by themselves, so that neither account is an answer to the
other. Whoever sealed can change nothing any more; whoever does not show is seen not to. If the
other side seals nothing, then after the deadline the side that sealed publishes its account or
takes it back, as it decides.

After that both may write a *joint sheet*, paragraph by paragraph: what both have in the very same
bytes stands without brackets, everything else in the brackets of the side that wants it
(:mod:`parley.crisis.assessment.sheet`). Either side adopts a sheet as it is, byte for byte; when
both have, it is adopted. To end without a joint text is as normal an end. Each side's public
readout is its own.

The accounts leave the node in one form and in no other: as the bytes that were sealed.
"""
