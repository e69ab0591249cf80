set(engine_headers engine/engine.hpp)
set(engine_sources)
set(engine_deps)
