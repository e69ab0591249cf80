#include "net/curl_library.hpp"

#include "base/error.hpp"

#include <dlfcn.h>

#include <fmt/format.h>

namespace kiln::net {

namespace {

template <class Function>
void load(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (function == nullptr) {
        throw Error{ErrorKind::unavailable, fmt::format("libcurl has no {}", name)}.hint(
            "install a newer libcurl4 (7.85 or later)"
        );
    }
}

CurlLibrary load_all() {
    void* library = nullptr;
    for (const auto* name : {"libcurl.so.4", "libcurl-gnutls.so.4"}) {
        if (library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL); library != nullptr) {
            break;
        }
    }
    if (library == nullptr) {
        throw Error{ErrorKind::unavailable, "libcurl is needed to fetch a URL and is not installed"}
            .hint("apt-get install libcurl4");
    }
    CurlLibrary curl{};
    load(library, "curl_global_init", curl.global_init);
    load(library, "curl_easy_init", curl.easy_init);
    load(library, "curl_easy_setopt", curl.easy_setopt);
    load(library, "curl_easy_getinfo", curl.easy_getinfo);
    load(library, "curl_easy_reset", curl.easy_reset);
    load(library, "curl_easy_cleanup", curl.easy_cleanup);
    load(library, "curl_easy_strerror", curl.easy_strerror);
    load(library, "curl_slist_append", curl.slist_append);
    load(library, "curl_slist_free_all", curl.slist_free_all);
    load(library, "curl_multi_init", curl.multi_init);
    load(library, "curl_multi_add_handle", curl.multi_add_handle);
    load(library, "curl_multi_remove_handle", curl.multi_remove_handle);
    load(library, "curl_multi_perform", curl.multi_perform);
    load(library, "curl_multi_poll", curl.multi_poll);
    load(library, "curl_multi_wakeup", curl.multi_wakeup);
    load(library, "curl_multi_info_read", curl.multi_info_read);
    load(library, "curl_multi_cleanup", curl.multi_cleanup);
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        throw Error{ErrorKind::internal, "libcurl does not start"};
    }
    return curl;
}

}  // namespace

const CurlLibrary& CurlLibrary::get() {
    static const CurlLibrary curl = load_all();
    return curl;
}

}  // namespace kiln::net
