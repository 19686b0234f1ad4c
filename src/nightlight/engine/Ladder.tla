------------------------------- MODULE Ladder -------------------------------
(* A second opinion on the ladder and on what surrounds a sending: written down before it is sent, settled     *)
(* after, with leases and two workers. It is written in another language than the rules, by hand, so that a    *)
(* mistake in the thinking and not only in the typing may show. docs/internals/model-check.md tells how it is  *)
(* run; above each action stands which function does it in the product.                                        *)
(* Not here: times (a wait may end at any moment, a lease as well), hours, more than one way, news.            *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Sam, Bo,        \* the circle, and the steps of the ladder in this order
    Workers,
    Tries,          \* so many messages are taken up at most, so that there is an end
    Planted         \* "nothing", or which mistake is planted

VARIABLES
    status,         \* as engine.state.AlertStatus
    step,           \* the step under way; 0 between two rounds
    ranOut,         \* everyone was tried at least once
    held,           \* who has it
    seconds,        \* who said yes as well
    answer,         \* what each said last
    row,            \* the message to each: where it stands, and under which lease
    lease,          \* what each worker believes to have in its hands
    serial,         \* of the last lease
    recorded,       \* the leases of which an attempt is written down
    arrived         \* the leases under which a provider took a message

vars == <<status, step, ranOut, held, seconds, answer, row, lease, serial, recorded, arrived>>
call == <<status, step, ranOut, held, seconds, answer>>

People == {Sam, Bo}
Ladder == <<Sam, Bo>>
Idle == [person |-> Sam, token |-> 0, sent |-> FALSE, fenced |-> FALSE]
NoRow == [at |-> "none", token |-> 0]
Fresh == [at |-> "planned", token |-> 0]

IsWorking == status \in {"triggered", "exhausted"}
IsHeld == status \in {"acknowledged", "in_contact"}
IsOpen == status # "resolved"
IsWanted(p) == IsWorking /\ answer[p] = ""
Holds(w) == lease[w].token # 0 /\ ~lease[w].fenced

Dropped == [p \in People |-> IF row[p].at = "planned" THEN [row[p] EXCEPT !.at = "cancelled"] ELSE row[p]]

(* What is known to have arrived, or to have failed for good, is tried no more.                                 *)
Tried(isKnown, p) == [at |-> IF ~isKnown /\ IsWanted(p) THEN "planned" ELSE "settled", token |-> 0]

Init ==
    /\ status = "triggered" /\ step = 1 /\ ranOut = FALSE
    /\ held = {} /\ seconds = {}
    /\ answer = [p \in People |-> ""]
    /\ row = [p \in People |-> IF p = Ladder[1] THEN Fresh ELSE NoRow]
    /\ lease = [w \in Workers |-> Idle]
    /\ serial = 0 /\ recorded = {} /\ arrived = {}

-----------------------------------------------------------------------------
(* The ladder.                                                                                                  *)

\* is nightlight.engine.rules_timer.step_timed_out
StepTimedOut ==
    /\ Planted # "a timer is forgotten"
    /\ IsWorking /\ step \in 1..(Len(Ladder) - 1) /\ answer[Ladder[step + 1]] # "no"
    /\ step' = step + 1
    /\ row' = [row EXCEPT ![Ladder[step + 1]] = IF row[Ladder[step + 1]].at \in {"planned", "leased"} THEN @ ELSE Fresh]
    /\ UNCHANGED <<status, ranOut, held, seconds, answer, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_timer.ladder_ran_out
LadderRanOut ==
    /\ IsWorking /\ step > 0
    /\ IF step = Len(Ladder) THEN TRUE ELSE answer[Ladder[step + 1]] = "no"
    /\ step' = 0 /\ ranOut' = TRUE /\ status' = "exhausted"
    /\ UNCHANGED <<held, seconds, answer, row, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_timer.round_due
RoundDue ==
    /\ status = "exhausted" /\ step = 0
    /\ \A p \in People : row[p].at # "leased"      \* a pause is longer than a lease
    /\ step' = 1
    /\ answer' = [p \in People |-> ""]
    /\ row' = [row EXCEPT ![Ladder[1]] = Fresh]
    /\ UNCHANGED <<status, ranOut, held, seconds, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_circle.said_yes
SaidYes(p) ==
    /\ IsWorking /\ row[p].at # "none"
    /\ status' = "acknowledged" /\ held' = {p} /\ seconds' = seconds \ {p}
    /\ answer' = [answer EXCEPT ![p] = "yes"]
    /\ row' = Dropped
    /\ UNCHANGED <<step, ranOut, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_circle.said_yes_as_well
SaidYesAsWell(p) ==
    /\ IsHeld /\ p \notin held /\ row[p].at # "none"
    /\ answer' = [answer EXCEPT ![p] = "yes"]
    /\ IF Planted = "a second yes has it, too"
         THEN held' = held \cup {p} /\ UNCHANGED seconds
         ELSE seconds' = seconds \cup {p} /\ UNCHANGED held
    /\ UNCHANGED <<status, step, ranOut, row, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_circle.declined
Declined(p) ==
    /\ IsWorking /\ row[p].at # "none" /\ answer[p] # "no"
    /\ answer' = [answer EXCEPT ![p] = "no"]
    /\ row' = [row EXCEPT ![p] = Dropped[p]]
    /\ UNCHANGED <<status, step, ranOut, held, seconds, lease, serial, recorded, arrived>>

(* Nobody has it any more: who said yes as well is asked first, then the ladder goes on where it stood.         *)
\* is nightlight.engine.holding.resume
Resume(said) ==
    /\ status' = IF ranOut THEN "exhausted" ELSE "triggered"
    /\ held' = {} /\ seconds' = {}
    /\ answer' = [p \in People |-> IF p \in seconds THEN "" ELSE said[p]]
    /\ row' = [p \in People |->
         IF p \in seconds THEN (IF row[p].at = "leased" THEN row[p] ELSE Fresh)
         ELSE IF step > 0 THEN (IF p = Ladder[step] /\ row[p].at = "cancelled" /\ said[p] = "" THEN Fresh ELSE row[p])
         ELSE row[p]]

\* is nightlight.engine.rules_circle.declined_while_held
DeclinedWhileHeld(p) ==
    /\ status = "acknowledged" /\ p \in held
    /\ Resume([answer EXCEPT ![p] = "no"])
    /\ UNCHANGED <<step, ranOut, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_timer.acknowledgement_expired
AcknowledgementExpired ==
    /\ status = "acknowledged"
    /\ Resume(answer)
    /\ UNCHANGED <<step, ranOut, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_caller.contact_made
ContactMade ==
    /\ status \in {"triggered", "exhausted", "acknowledged"}
    /\ status' = "in_contact"
    /\ row' = Dropped
    /\ UNCHANGED <<step, ranOut, held, seconds, answer, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_timer.contact_due
ContactDue ==
    /\ status = "in_contact"
    /\ Resume(answer)
    /\ UNCHANGED <<step, ranOut, lease, serial, recorded, arrived>>

\* is nightlight.engine.rules_caller.resolved
Resolved ==
    /\ IsOpen
    /\ status' = "resolved" /\ held' = {} /\ seconds' = {} /\ step' = 0
    /\ ranOut' = FALSE /\ answer' = [p \in People |-> ""]      \* none of it is looked at any more
    /\ row' = IF Planted = "an end takes nothing back" THEN row ELSE Dropped
    /\ UNCHANGED <<lease, serial, recorded, arrived>>

-----------------------------------------------------------------------------
(* Outbox and workers.                                                                                          *)

\* is nightlight.store.claims.claim
Claim(w, p) ==
    /\ lease[w].token = 0 /\ serial < Tries
    /\ row[p].at \in (IF Planted = "a claim takes what is claimed" THEN {"planned", "leased"} ELSE {"planned"})
    /\ IsWanted(p) \/ Planted = "an end takes nothing back"
    /\ serial' = serial + 1
    /\ row' = [row EXCEPT ![p] = [at |-> "leased", token |-> serial']]
    /\ lease' = [lease EXCEPT ![w] = [person |-> p, token |-> serial', sent |-> FALSE, fenced |-> FALSE]]
    /\ recorded' = IF Planted = "sent before it is written down" THEN recorded ELSE recorded \cup {serial'}
    /\ UNCHANGED <<call, arrived>>

\* is nightlight.store.claims.still_wanted
LetGo(w) ==
    /\ Holds(w) /\ ~lease[w].sent /\ ~IsWanted(lease[w].person)
    /\ lease' = [lease EXCEPT ![w] = Idle]
    /\ row' = [row EXCEPT ![lease[w].person] = [at |-> "cancelled", token |-> 0]]
    /\ UNCHANGED <<call, serial, recorded, arrived>>

\* is nightlight.worker.sender.Sender.deliver
Send(w) ==
    /\ lease[w].token # 0 /\ ~lease[w].sent
    /\ lease' = [lease EXCEPT ![w].sent = TRUE]
    /\ arrived' = arrived \cup {lease[w].token}
    /\ UNCHANGED <<call, row, serial, recorded>>

\* is nightlight.store.outbox.settle
Settle(w) ==
    /\ Holds(w)
    /\ \E isKnown \in BOOLEAN :
         row' = [row EXCEPT ![lease[w].person] = Tried(isKnown, lease[w].person)]
    /\ lease' = [lease EXCEPT ![w] = Idle]
    /\ recorded' = recorded \cup {lease[w].token}
    /\ UNCHANGED <<call, serial, arrived>>

\* is nightlight.store.lapses.lapsed
Lapse(p) ==
    /\ row[p].at = "leased"
    /\ row' = [row EXCEPT ![p] = Tried(FALSE, p)]
    /\ lease' = [w \in Workers |->
         IF lease[w].token = row[p].token THEN [lease[w] EXCEPT !.fenced = TRUE] ELSE lease[w]]
    /\ UNCHANGED <<call, serial, recorded, arrived>>

\* is nightlight.store.outbox._add_late_evidence
LateWord(w) ==
    /\ lease[w].token # 0 /\ lease[w].fenced
    /\ lease' = [lease EXCEPT ![w] = Idle]
    /\ row' = IF Planted = "a late word settles" THEN [row EXCEPT ![lease[w].person] = [at |-> "settled", token |-> 0]] ELSE row
    /\ UNCHANGED <<call, serial, recorded, arrived>>

\* is nothing (the power, the kernel or the host ends it)
Die(w) ==
    /\ lease[w].token # 0
    /\ lease' = [lease EXCEPT ![w] = Idle]
    /\ UNCHANGED <<call, row, serial, recorded, arrived>>

-----------------------------------------------------------------------------
Next ==
    \/ StepTimedOut \/ LadderRanOut \/ RoundDue \/ AcknowledgementExpired \/ ContactMade \/ ContactDue \/ Resolved
    \/ \E p \in People : SaidYes(p) \/ SaidYesAsWell(p) \/ Declined(p) \/ DeclinedWhileHeld(p) \/ Lapse(p)
    \/ \E w \in Workers : LetGo(w) \/ Send(w) \/ Settle(w) \/ LateWord(w) \/ Die(w)
    \/ \E w \in Workers, p \in People : Claim(w, p)

(* Timers fire and leases run out sooner or later; nobody has to answer, and no worker has to live.             *)
Spec ==
    /\ Init /\ [][Next]_vars
    /\ WF_vars(StepTimedOut) /\ WF_vars(LadderRanOut) /\ WF_vars(RoundDue) /\ WF_vars(AcknowledgementExpired)
    /\ WF_vars(Lapse(Sam)) /\ WF_vars(Lapse(Bo))

-----------------------------------------------------------------------------
(* What must hold.                                                                                              *)

TypeOK ==
    /\ status \in {"triggered", "exhausted", "acknowledged", "in_contact", "resolved"}
    /\ step \in 0..Len(Ladder) /\ held \subseteq People /\ seconds \subseteq People
    /\ \A p \in People : row[p].at \in {"none", "planned", "leased", "settled", "cancelled"}

NeverTwoHolders ==
    /\ Cardinality(held) <= 1
    /\ status = "acknowledged" => held # {}
    /\ ~IsHeld => held = {}

NoSendThatIsNotRecorded == arrived \subseteq recorded

NobodyIsAskedTwiceAtOnce ==
    \A p \in People : Cardinality({w \in Workers : Holds(w) /\ lease[w].person = p}) <= 1

WhoHasItSilencesTheRest == IsHeld \/ ~IsOpen => \A p \in People : row[p].at # "planned"

AfterAnEndNothingNewGoesOut == [][~IsOpen => status' = status /\ serial' = serial /\ held' = {}]_vars

ALateWordTakesNothing ==
    [][\A w \in Workers : (lease[w].fenced /\ lease'[w] = Idle) => row' = row /\ call' = call]_vars

ACallThatIsOpenGoesOn == (status = "triggered") ~> (status # "triggered")

ARoundFollows == (status = "exhausted" /\ step = 0) ~> (status # "exhausted" \/ step # 0)

ALeaseEnds == \A p \in People : (row[p].at = "leased") ~> (row[p].at # "leased")
=============================================================================
