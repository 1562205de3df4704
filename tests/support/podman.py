"""What Podman's Docker API does otherwise, test by test: each such test is skipped there, and says why.

The left side is how a test's id begins, without its folder. What a person has to know of this stands on the
capability page (services/system.py) and in docs/engines.md.
"""

import pytest

_RESTATES = "Podman restates or leaves out this setting in its inspect document"
_REFUSES = "Podman refuses this filter"
_NAMES = "Podman gives names as docker.io/library/… and ids without sha256: or the other way round"
_TLS = "Podman takes registries without TLS only when registries.conf says so"
_WORDS = "Podman says it in other words or with another status"
_TIMES = "Podman rounds the times of a range"
_BROKEN = "Podman may leave a container mounted when an archive on its way there breaks off"
_NETWORK = "this Podman has a network of its own, without the addresses of this machine"

DIFFERENT: tuple[tuple[str, str], ...] = (
    ("test_archives.py::test_who_lies_is_cut_off_before_the_member_reaches_the_engine", _BROKEN),
    ("test_archives.py::test_what_follows_the_end_never_reaches_the_engine", _BROKEN),
    ("test_archives.py::test_an_archive_that_breaks_off_is_told_with_what_is_there", _BROKEN),
    ("test_archives.py::test_a_large_file_that_breaks_off_is_named", _BROKEN),
    ("test_archives.py::test_a_page_that_goes_away_is_written_down_with_what_it_left", _BROKEN),
    ("test_file_uploads.py::test_who_goes_away_in_the_middle_is_written_down_with_what_is_there", _BROKEN),
    ("test_container_commit.py::test_a_further_field_is_sent_as_json", "Podman commits the container's own"),
    ("test_container_pages.py::test_what_ps_refuses_is_said_beside_its_arguments", _WORDS),
    ("test_log_pages.py::test_a_download_can_have_times_and_a_range", _TIMES),
    ("test_logs.py::test_since_and_until_are_exact_to_the_nanosecond", _TIMES),
    ("test_logs.py::test_details_are_the_attributes", "Podman's log keeps no attributes"),
    ("test_roles.py::test_what_a_page_asks_for_is_done_by_the_worker", _NAMES),
    (
        "test_exec.py::test_what_cannot_be_a_size_is_ignored",
        "Podman loses one of two sizes that come at once",
    ),
    (
        "test_topic_events.py::test_raw_json_is_there_on_demand",
        "Podman calls the event of an exec by another name",
    ),
    ("test_containers_api.py::test_a_command_that_cannot_run_is_told_at_start", _WORDS),
    ("test_containers_api.py::test_commit_and_prune_answer", _NAMES),
    ("test_containers_api.py::test_exec", "Podman tells exit code 0 of an exec that has not ended"),
    ("test_containers_api.py::test_list_filters", "Podman's list goes by name, not by age"),
    ("test_containers_api.py::test_one_sample_of_stats", "Podman gives stats of a stopped container no time"),
    ("test_containers_api.py::test_rename", _WORDS),
    ("test_containers_api.py::test_update_changes_limits", "crun may not change limits on this machine"),
    ("test_containers_api.py::test_what_is_not_running_cannot_be_killed_or_looked_into", _WORDS),
    ("test_objects_api.py::test_a_network", _WORDS),
    ("test_objects_api.py::test_an_image_in_use_is_a_conflict", _NAMES),
    ("test_objects_api.py::test_predefined_networks_stay", "Podman has the network “podman” only"),
    ("test_objects_api.py::test_the_engine_itself", "Podman has no experimental state to tell"),
    ("test_references.py::test_a_network_named_like_anothers_short_id", "Podman refuses such a name"),
    ("test_image_jobs.py::test_a_big_layer_tells_how_far_it_is", _TLS),
    ("test_image_jobs.py::test_a_build_that_fails_is_a_failure_although_the_status_was_200", _WORDS),
    ("test_image_jobs.py::test_a_build_uses_the_stored_credentials_for_its_base", _TLS),
    ("test_image_jobs.py::test_a_pull_can_be_cancelled_in_the_middle", _TLS),
    ("test_image_jobs.py::test_all_tags_come_only_when_they_are_asked_for", _TLS),
    ("test_image_jobs.py::test_an_image_that_is_not_there_is_told", _TLS),
    ("test_image_jobs.py::test_build_from_a_tar_with_another_dockerfile_and_quietly", _NAMES),
    ("test_image_jobs.py::test_build_from_a_typed_dockerfile", _WORDS),
    ("test_image_jobs.py::test_commit_with_every_parameter", _NAMES),
    ("test_image_jobs.py::test_prune_removes_what_its_plan_names", _NAMES),
    ("test_image_jobs.py::test_push_and_pull_with_stored_credentials", _TLS),
    ("test_image_jobs.py::test_save_and_load_again", _NAMES),
    ("test_image_jobs.py::test_the_check_of_credentials_asks_the_registry", _TLS),
    ("test_image_jobs.py::test_without_the_right_credentials_it_fails", _TLS),
    ("test_live_board.py::TestOnARealEngine::test_it_shows_what_is_there", _NAMES),
    ("test_container_create.py::test_replacing_keeps_the_name", "health checks need systemd's timers"),
    ("test_container_create.py::test_the_form_makes_what_it_says", _RESTATES),
    ("test_container_list.py::TestSeveralAtOnce::test_every_container_has_a_result", _WORDS),
    ("test_every_parameter.py::test_events_pass_every_filter_on", _REFUSES),
    ("test_every_parameter.py::test_the_list_passes_every_filter_on[isolation", _REFUSES),
    ("test_every_parameter.py::test_the_list_passes_every_filter_on[is-task", _REFUSES),
    ("test_every_parameter.py::test_the_list_passes_every_filter_on[publish", _REFUSES),
    ("test_every_parameter.py::test_the_list_passes_every_filter_on[expose", _REFUSES),
    ("test_image_parameters.py::test_a_build_from_the_address_of", _NETWORK),
    ("test_image_parameters.py::test_a_build_that_looks_for_newer_bases_takes_the_registrys", _TLS),
    ("test_image_parameters.py::test_a_remote_that_is_not_there_is_a_failure_in_words", _NETWORK),
    ("test_image_parameters.py::test_a_wrong_password_is_told_with_the_registrys_words", _TLS),
    ("test_image_parameters.py::test_an_identity_token_is_kept", _TLS),
    ("test_image_parameters.py::test_an_import_from_an_address", _NETWORK),
    ("test_image_parameters.py::test_credentials_are_checked_at_the_registry", _TLS),
    ("test_image_parameters.py::test_the_list_of_an_old_engine_is_asked_by_the_old_filter", _NAMES),
    ("test_images.py::test_a_filter_that_makes_no_sense_is_explained[before", _WORDS),
    ("test_images.py::test_every_filter_of_the_engine_is_in_the_url", _NAMES),
    ("test_images.py::test_the_list_is_a_tree_of_names_with_who_uses_each", _NAMES),
    ("test_images.py::test_what_goes_is_named_with_who_uses_it", _NAMES),
    ("test_log_pages.py::test_a_log_that_cannot_be_read_is_no_empty_file", _WORDS),
    ("test_networks.py::test_a_network_in_use_stays_and_says_why", "dockerui refuses this itself on Podman"),
    ("test_networks.py::test_every_parameter_of_create_reaches_the_engine", _RESTATES),
    ("test_networks.py::test_the_list_opens_with_every_filter[query1]", _REFUSES),
    ("test_palette.py::test_it_lists_containers_with_what_one_may_search_for", _NAMES),
    ("test_volumes.py::test_a_volume_is_made_with_options_and_labels", _RESTATES),
    ("test_volumes.py::test_the_page_names_who_uses_it_and_a_used_volume_stays", _WORDS),
    ("test_attach.py::test_detach_keys_detach", "Podman tells no end when an attach is detached"),
    ("test_attach.py::test_without_a_tty_the_streams_stay_apart", "Podman cannot end the input of an attach"),
    ("test_exec.py::test_a_container_that_does_not_run_is_refused_in_words", _WORDS),
    ("test_logs.py::test_a_driver_that_cannot_be_read_is_a_501", _WORDS),
    ("test_logs.py::test_it_tells_of_the_end_the_next_start_and_the_removal", _WORDS),
    ("test_topic_events.py::test_a_time_range_that_is_over_ends", "Podman tells an “init” before each start"),
    *(
        (f"test_every_parameter.py::test_a_field_of_the_configuration_is_sent[{field}]", _RESTATES)
        for field in ("Domainname", "Volumes", "MacAddress", "StopSignal")
    ),
    *(
        (f"test_every_parameter.py::test_a_field_of_the_host_configuration_is_sent[{field}]", _RESTATES)
        for field in (
            *(
                "Binds",
                "CapDrop",
                "CgroupnsMode",
                "KernelMemoryTCP",
                "ConsoleSize",
                "DeviceCgroupRules",
                "Devices",
                "IOMaximumBandwidth",
            ),
            *("IOMaximumIOps", "Isolation", "LogConfig", "MaskedPaths", "Mounts", "ReadonlyPaths"),
            *("Runtime", "Sysctls", "Tmpfs", "Ulimits", "UsernsMode", "VolumeDriver"),
        )
    ),
)


@pytest.fixture(autouse=True)
def _podman_differs(request: pytest.FixtureRequest) -> None:
    """Skip on Podman what it does otherwise, with the reason."""
    if request.node.get_closest_marker("engine") is None:
        return
    file, _, test = request.node.nodeid.partition("::")
    name = f"{file.rpartition('/')[2]}::{test}"
    reason = next((why for begins, why in DIFFERENT if name.startswith(begins)), None)
    if reason and request.getfixturevalue("engine").server.is_podman:
        pytest.skip(f"Podman: {reason}")
