#include "images/task.hpp"

#include "base/error.hpp"
#include "os/interrupt.hpp"

#include <fmt/format.h>

namespace kiln::images {

void Task::check(std::string_view doing) const {
    os::throw_if_stopped(stop, doing);
    if (deadline.passed()) {
        throw Error{ErrorKind::timed_out, fmt::format("{}: the deadline passed", doing)};
    }
}

}  // namespace kiln::images
