#pragma once

/// Every rule of ports::Cloud, in two typed suites: CloudDiskConformance and CloudImageConformance.
#include "ports/testing/cloud_disk_suite.hpp"
#include "ports/testing/cloud_image_suite.hpp"
