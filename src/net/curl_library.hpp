#pragma once

#include <curl/curl.h>

namespace kiln::net {

/// The functions of libcurl that this module uses, loaded when the first of them is needed: linked
/// in the usual way the library and the forty that it needs would cost every start of the program
/// about 4 ms (measured: 2.8 ms without, 6.7 ms with), also of those that fetch nothing.
struct CurlLibrary {
    decltype(&::curl_global_init) global_init;
    decltype(&::curl_easy_init) easy_init;
    decltype(&::curl_easy_setopt) easy_setopt;
    decltype(&::curl_easy_getinfo) easy_getinfo;
    decltype(&::curl_easy_reset) easy_reset;
    decltype(&::curl_easy_cleanup) easy_cleanup;
    decltype(&::curl_easy_strerror) easy_strerror;
    decltype(&::curl_slist_append) slist_append;
    decltype(&::curl_slist_free_all) slist_free_all;
    decltype(&::curl_multi_init) multi_init;
    decltype(&::curl_multi_add_handle) multi_add_handle;
    decltype(&::curl_multi_remove_handle) multi_remove_handle;
    decltype(&::curl_multi_perform) multi_perform;
    decltype(&::curl_multi_poll) multi_poll;
    decltype(&::curl_multi_wakeup) multi_wakeup;
    decltype(&::curl_multi_info_read) multi_info_read;
    decltype(&::curl_multi_cleanup) multi_cleanup;

    /// Thread-safe; stays loaded. @throws Error  unavailable: the library is not installed
    static const CurlLibrary& get();
};

}  // namespace kiln::net
