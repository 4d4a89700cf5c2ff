// Package matrix holds the golden matrix of authorization: what each actor that every cluster has may do with
// each resource, in each scope, by the bootstrap roles and the node authorizer. It is a test and its data; a change
// of either shows in a diff that a person reads. There is no code here for others to call.
package matrix
