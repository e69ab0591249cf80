#include "jail/systemctl_wrapper.hpp"

namespace kiln::jail {

std::string_view systemctl_wrapper() {
    return R"sh(#!/bin/sh
# Stands here while an image is made: services are not started then.
skip=
for word do
    if [ -n "$skip" ]; then
        skip=
        continue
    fi
    case $word in
        -t|-p|-P|-n|-o|-s|-H|-M|--type|--property|--state|--lines|--output|--signal|--root|--image|--host|--machine|--job-mode|--kill-whom|--what|--message|--preset-mode)
            skip=yes ;;
        -*) ;;
        start|stop|restart|reload|try-restart|condrestart|reload-or-restart|try-reload-or-restart|force-reload|daemon-reload|daemon-reexec|kill|isolate|reset-failed|clean|freeze|thaw)
            echo "kiln: 'systemctl $*' is left out: no service runs while an image is made" >&2
            exit 0 ;;
        *) break ;;
    esac
done
set -f
IFS=:
for folder in $PATH; do
    if [ "$folder" != "${0%/*}" ] && [ -x "$folder/systemctl" ]; then
        exec "$folder/systemctl" "$@"
    fi
done
echo "kiln: this image has no systemctl" >&2
exit 127
)sh";
}

std::string_view policy_rc_d() {
    return "#!/bin/sh\n"
           "# Stands here while an image is made: services are not started then.\n"
           "exit 101\n";
}

}  // namespace kiln::jail
