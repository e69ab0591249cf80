set(test_state_headers)
set(test_state_sources)
set(test_state_deps)
