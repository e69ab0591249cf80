#pragma once

#include "instances/cache.hpp"
#include "instances/images.hpp"
#include "instances/jobs.hpp"
#include "instances/life_cycle.hpp"
#include "instances/notices.hpp"
#include "instances/settings.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/instance_build_store.hpp"
#include "ports/instances.hpp"

namespace kiln::instances {

/// All that desk, jobs and periodic work use. What it refers to outlives it.
struct World {
    ports::Machines machines;
    ports::TagStore& tags;
    ports::InstanceBuildStore& store;
    Cache& cache;
    ImageCatalog& images;
    Notices& notices;
    JobSink& jobs;
    const ports::Clock& clock;
    const Settings& settings;
    Aws aws = {};
};

}  // namespace kiln::instances
