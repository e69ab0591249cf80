#include "base/fault.hpp"

#ifdef KILN_FAULT_POINTS

#include "base/error.hpp"

#include <cstdlib>
#include <string>

#include <signal.h>
#include <unistd.h>

namespace kiln {

bool fault_wanted(std::string_view action, std::string_view name) {
    const char* wanted = std::getenv("KILN_FAULT");
    return wanted != nullptr && std::string{action} + "@" + std::string{name} == wanted;
}

void fault_point(std::string_view name) {
    if (fault_wanted("kill", name)) {
        ::kill(::getpid(), SIGKILL);
    }
    if (fault_wanted("int", name)) {
        ::kill(::getpid(), SIGINT);
    }
    if (fault_wanted("error", name)) {
        throw Error{ErrorKind::unavailable, "fault injected at " + std::string{name}};
    }
}

}  // namespace kiln

#endif
