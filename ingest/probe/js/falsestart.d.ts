/**
 * Tells Falsestart what the WebSockets of this page came to.
 *
 * `watch(options)` returns a class to use in the place of `WebSocket`. Nothing here throws into the page, waits
 * for the network, or keeps more than a bounded queue.
 */
export type Options = {
    /**
     * Address of Falsestart; without it nothing is watched.
     */
    endpoint?: string;
    /**
     * A client key, bound to this page's origin.
     */
    key?: string;
    /**
     * Name of the service whose sockets these are, as the service itself calls it.
     */
    service?: string;
    /**
     * As the service itself calls it; `default` where it names none.
     */
    environment?: string;
    /**
     * The service's release, where the page knows it.
     */
    release?: string;
    /**
     * The service's instance, where the page knows it.
     */
    instance?: string;
    /**
     * Share of the sockets that end well to be told, from 0 to 1; failures always are.
     */
    sample?: number;
    /**
     * Whose sockets are watched: host names, `*.example.com` for all below
     * one, or expressions for whole addresses. Without it those of the page's own host, and of hosts below it.
     */
    match?: (string | RegExp)[];
    /**
     * Whether to put the class in the place of `globalThis.WebSocket` too.
     */
    install?: boolean;
};
export type Reporting = {
    /**
     * Sends what waits, and returns when that was tried.
     */
    flush: () => Promise<void>;
    /**
     * Events that were not acknowledged yet.
     */
    waiting: number;
    /**
     * Events that were given up.
     */
    dropped: number;
};
export type PageState = {
    /**
     * Whether the browser calls the end clean.
     */
    clean: boolean;
    visible?: boolean;
    online?: boolean;
    /**
     * Whether the page was being left.
     */
    leaving: boolean;
    /**
     * Counts the attempts at this address since one worked, from 1.
     */
    attempt: number;
};
export type Told = {
    id: string;
    kind: string;
} & Record<string, unknown>;
/**
 * @typedef {object} Options
 * @property {string} [endpoint] Address of Falsestart; without it nothing is watched.
 * @property {string} [key] A client key, bound to this page's origin.
 * @property {string} [service] Name of the service whose sockets these are, as the service itself calls it.
 * @property {string} [environment] As the service itself calls it; `default` where it names none.
 * @property {string} [release] The service's release, where the page knows it.
 * @property {string} [instance] The service's instance, where the page knows it.
 * @property {number} [sample] Share of the sockets that end well to be told, from 0 to 1; failures always are.
 * @property {(string | RegExp)[]} [match] Whose sockets are watched: host names, `*.example.com` for all below
 *   one, or expressions for whole addresses. Without it those of the page's own host, and of hosts below it.
 * @property {boolean} [install] Whether to put the class in the place of `globalThis.WebSocket` too.
 */
/**
 * @typedef {object} Reporting
 * @property {() => Promise<void>} flush Sends what waits, and returns when that was tried.
 * @property {number} waiting Events that were not acknowledged yet.
 * @property {number} dropped Events that were given up.
 */
/**
 * What the page saw of itself when a socket ended.
 * @typedef {object} PageState
 * @property {boolean} clean Whether the browser calls the end clean.
 * @property {boolean} [visible]
 * @property {boolean} [online]
 * @property {boolean} leaving Whether the page was being left.
 * @property {number} attempt Counts the attempts at this address since one worked, from 1.
 */
/** @typedef {{id: string, kind: string} & Record<string, unknown>} Told */
export declare const VERSION = "0.1.0";
/**
 * Returns a class to use in the place of `WebSocket`: a subclass that reports what its sockets came to.
 * Without an endpoint, or without WebSockets, it is `WebSocket` itself.
 * @param {Options} options
 * @returns {typeof WebSocket & {falsestart?: Reporting}}
 */
export declare function watch(options: Options): typeof WebSocket & {
    falsestart?: Reporting;
};
