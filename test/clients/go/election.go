package main

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// elects lets two candidates stand: one leads, and when it lets go the other does.
func elects(ctx context.Context, _ *rest.Config, client kubernetes.Interface) error {
	leaders := make(chan string, 2)
	first, stopFirst := context.WithCancel(ctx)
	second, stopSecond := context.WithCancel(ctx)
	defer stopSecond()
	ended := make(chan struct{})
	stand := func(ctx context.Context, name string) {
		leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
			Lock: &resourcelock.LeaseLock{
				LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: namespace},
				Client:     client.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: name},
			},
			LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 100 * time.Millisecond,
			ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { leaders <- name },
				OnStoppedLeading: func() {},
			},
		})
		ended <- struct{}{}
	}
	go stand(first, "one")
	if err := same("first leader", <-leaders, "one"); err != nil {
		stopFirst()
		return err
	}
	go stand(second, "two")
	time.Sleep(300 * time.Millisecond)
	stopFirst()
	<-ended
	if err := same("second leader", <-leaders, "two"); err != nil {
		return err
	}
	lease, err := client.CoordinationV1().Leases(namespace).Get(ctx, "leader", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := same("holder", *lease.Spec.HolderIdentity, "two"); err != nil {
		return err
	}
	stopSecond()
	<-ended
	return nil
}
