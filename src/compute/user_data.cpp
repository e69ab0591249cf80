#include "compute/user_data.hpp"

#include <sstream>

namespace kiln::compute {

UserData read_user_data(std::string_view text) {
    constexpr std::string_view kInclude = "#include";
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return NoUserData{};
    }
    if (text.starts_with("#!")) {
        return Script{std::string{text}};
    }
    if (!text.starts_with(kInclude)) {
        return NotUnderstood{
            "a container runs what begins with '#!' or '#include URL'; only vm.* knows more"};
    }
    text.remove_prefix(kInclude.size());
    std::istringstream words{std::string{text}};
    std::string url;
    for (std::string line; url.empty() && std::getline(words, line);) {
        std::istringstream rest{line};
        std::string word;
        if (rest >> word && !word.starts_with('#')) {
            url = word;
        }
    }
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
        return NotUnderstood{"'#include' without an http:// or https:// URL"};
    }
    return Include{url};
}

}  // namespace kiln::compute
