set(engine_headers engine/activity_lines.hpp engine/child_machines.hpp engine/commit.hpp engine/core.hpp
  engine/engine.hpp engine/entropy.hpp engine/execution_world.hpp engine/inbox.hpp engine/map_results.hpp
  engine/map_run.hpp engine/map_runs.hpp engine/open_execution.hpp engine/parameter_cache.hpp
  engine/slots.hpp engine/task_tokens.hpp engine/timeline.hpp engine/timer_index.hpp engine/views.hpp
  engine/work_pool.hpp)
set(engine_sources engine/activity_lines.cpp engine/child_machines.cpp engine/core.cpp
  engine/core_apply.cpp engine/core_load.cpp engine/core_map_children.cpp engine/core_map_ends.cpp
  engine/core_maps.cpp engine/core_start.cpp engine/core_stop.cpp engine/core_sweep.cpp
  engine/core_tasks.cpp engine/engine.cpp engine/entropy.cpp engine/map_results.cpp engine/map_run.cpp
  engine/map_runs.cpp engine/open_execution.cpp engine/slots.cpp engine/task_tokens.cpp
  engine/views.cpp)
set(engine_deps OpenSSL::Crypto)
