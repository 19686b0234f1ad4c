"""For each planted fault a night in which it was found; the hunt begins there, to be short."""

NIGHTS = {
    "a_lapse_counts_as_sent": 1,
    "a_receipt_answers": 2,
    "a_yes_ends_the_call": 2,
    "advance_then_enqueue": 2,
    "asked_without_a_message": 1,
    "claim_what_is_claimed": 3,
    "consent_from_the_frozen_ladder": 15,
    "forget_the_fence": 10,
    "leases_never_lapse": 2,
    "mark_before_send": 1,
    "no_attempt_first": 1,
    "no_further_round": 4,
    "nobody_stands_down": 1,
    "nothing_is_taken_back": 1,
    "only_the_first_effect": 1,
    "others_are_named": 1,
    "plans_overwrite": 5,
    "quiet_takers_keep_it": 3,
    "raised_before_it_is_kept": 1,
    "receipts_go_backwards": 16,
    "settle_and_event_apart": 1,
    "stop_is_not_heard": 14,
    "the_next_way_waits": 2,
    "the_taker_makes_contact": 15,
    "timers_are_forgotten": 4,
    "unknown_is_not_told": 10,
    "whoever_leaves_is_asked": 15,
}

NOT_FOUND_YET = {
    "a_clock_set_back_is_not_noticed": "the wait a clock makes longer is over before the night is",
    "a_no_is_not_heard": "nothing holds a no against who is asked afterwards; the model check does",
    "a_number_answers": "a plain yes by text, and no other answer of that person, is rare",
    "old_claims_are_not_checked": "found once, in a world drawn otherwise",
    "repeats_without_end": "four unknown tries of one message take longer than most calls stay open",
    "trouble_is_parked": "forty nights take longer than the hunt was given",
    "unknown_is_given_up": "the next way goes at once, so the call is answered all the same",
    "wanted_is_not_asked_again": "what is planned is taken back when someone has it, so it is asked in vain",
}
"""What forty nights did not find, and what is thought to be why: the next thing the simulator has to learn."""
